#include "ctlspipe.h"
