// What PatternMatching needs of PCRE2, for code units of eight bits.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
