/* wait(2) in its forms over wait4(2), sleep(3) over nanosleep(2), and what a program asks about the system. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

pid_t wait(int *wstatus) {
    return wait4(-1, wstatus, 0, NULL);
}

pid_t waitpid(pid_t pid, int *wstatus, int options) {
    return wait4(pid, wstatus, options, NULL);
}

pid_t wait3(int *wstatus, int options, struct rusage *rusage) {
    return wait4(-1, wstatus, options, rusage);
}

pid_t vfork(void) {
    return fork();
}

/* How much is left, if a signal has ended it. */
unsigned int sleep(unsigned int seconds) {
    struct timespec time = { seconds, 0 };
    return nanosleep(&time, &time) < 0 ? time.tv_sec : 0;
}

int usleep(useconds_t usec) {
    struct timespec time = { usec / 1000000, usec % 1000000 * 1000 };
    return nanosleep(&time, NULL);
}

int gethostname(char *name, size_t len) {
    strncpy(name, "localhost", len);
    if (len < sizeof "localhost") {
        errno = ENAMETOOLONG;
        return -1;
    }
    return 0;
}

int getpagesize(void) {
    return 4096;
}

int getdtablesize(void) {
    return 1024;
}

long sysconf(int name) {
    switch (name) {
    case _SC_ARG_MAX:
        return 2097152;
    case _SC_CLK_TCK:
        return 100;
    case _SC_OPEN_MAX:
        return 1024;
    case _SC_PAGESIZE:
        return 4096;
    case _SC_IOV_MAX:
        return 1024;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return 1;
    case _SC_HOST_NAME_MAX:
        return 64;
    }
    errno = EINVAL;
    return -1;
}
