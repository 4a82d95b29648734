#include <sockscope/timespec.h>
#include <sys/select.h>
