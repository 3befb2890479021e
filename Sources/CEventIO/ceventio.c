#include "ceventio.h"
