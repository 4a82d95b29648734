/* Calls that a signal interrupts: which begin again with SA_RESTART, and which never do. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t hits;

static void hit(int sig)
{
    (void)sig;
    hits++;
}

static void handle(int flags)
{
    struct sigaction act;
    memset(&act, 0, sizeof act);
    act.sa_handler = hit;
    act.sa_flags = flags;
    sigaction(SIGALRM, &act, NULL);
}

static void soon(int ms)
{
    struct itimerval timer;
    memset(&timer, 0, sizeof timer);
    timer.it_value.tv_usec = ms * 1000;
    setitimer(ITIMER_REAL, &timer, NULL);
}

static const char *word(int result)
{
    return result >= 0 ? "ok" : errno == EINTR ? "EINTR" : errno == EAGAIN ? "EAGAIN" : "other";
}

int main(void)
{
    int pair[2], flags;
    char b[8];
    struct timespec ts = { 1, 0 }, rem = { 0, 0 };
    struct timeval limit = { 1, 0 };
    struct pollfd p;
    fd_set set;
    pid_t pid;

    setvbuf(stdout, NULL, _IONBF, 0);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    handle(0);
    soon(50);
    printf("read: %s\n", word(read(pair[0], b, sizeof b)));

    /* With SA_RESTART the call goes on until there is something. */
    handle(SA_RESTART);
    if ((pid = fork()) == 0) {
        usleep(200000);
        write(pair[1], "x", 1);
        _exit(0);
    }
    soon(50);
    printf("read again: %s\n", word(read(pair[0], b, sizeof b)));
    soon(0);
    waitpid(pid, NULL, 0);

    p.fd = pair[0];
    p.events = POLLIN;
    soon(50);
    printf("poll: %s\n", word(poll(&p, 1, 1000)));
    FD_ZERO(&set);
    FD_SET(pair[0], &set);
    soon(50);
    printf("select: %s\n", word(select(pair[0] + 1, &set, NULL, NULL, NULL)));
    soon(50);
    flags = nanosleep(&ts, &rem);
    printf("nanosleep: %s %d\n", word(flags), rem.tv_sec == 0 && rem.tv_nsec > 500000000);
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    soon(50);
    printf("recv with a limit: %s\n", word(recv(pair[0], b, sizeof b, 0)));
    if ((pid = fork()) == 0) {
        usleep(300000);
        _exit(3);
    }
    soon(50);
    printf("wait: %s\n", word(waitpid(pid, &flags, 0)));
    printf("%d\n", WEXITSTATUS(flags));
    soon(50);
    printf("pause: %s\n", word(pause()));
    soon(500);
    printf("sleep: %u\n", sleep(3));
    printf("hits %d\n", hits);
    return 0;
}
