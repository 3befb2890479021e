// System calls and structures of the event loop that Swift's Glibc module leaves out or cannot import.
#pragma once
