// Filled by the first commit of the room.
