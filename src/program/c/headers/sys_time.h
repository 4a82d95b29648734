#include <sockscope/timespec.h>
