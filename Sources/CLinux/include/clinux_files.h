// What files and memory need that Swift's Glibc module leaves out or cannot import.
#pragma once

/// The name in a record of readdir, which may be longer or shorter than the array that dirent declares.
const char *clinux_entry_name(const void *entry);

/// Gives freed memory back to the kernel; does nothing where the C library cannot.
void clinux_release_freed_memory(void);
