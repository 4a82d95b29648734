#include <sockscope/timespec.h>
int nanosleep(const struct timespec *req, struct timespec *rem);
