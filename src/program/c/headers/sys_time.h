#include <sockscope/timespec.h>
#include <sys/select.h>
#pragma sockscope constants TIMERS
struct itimerval { struct timeval it_interval; struct timeval it_value; };
int setitimer(int which, const struct itimerval *restrict new_value, struct itimerval *restrict old_value);
