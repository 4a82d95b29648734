/* SIGCHLD reaps children while their parent accepts, and a sigsuspend() waits for the last. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t reaped, sum;

static void reap(int sig)
{
    int status, saved = errno;
    (void)sig;
    while (waitpid(-1, &status, WNOHANG) > 0) {
        reaped++;
        sum += WEXITSTATUS(status);
    }
    errno = saved;
}

int main(void)
{
    struct sigaction act;
    sigset_t block, none;
    int i;
    memset(&act, 0, sizeof act);
    act.sa_handler = reap;
    act.sa_flags = SA_RESTART | SA_NOCLDSTOP;
    sigaction(SIGCHLD, &act, NULL);
    sigemptyset(&none);
    sigemptyset(&block);
    sigaddset(&block, SIGCHLD);
    sigprocmask(SIG_BLOCK, &block, NULL);
    for (i = 1; i <= 4; i++)
        if (fork() == 0)
            exit(i);
    while (reaped < 4)
        sigsuspend(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    printf("reaped %d, sum %d\n", reaped, sum);

    signal(SIGCHLD, SIG_IGN);
    fflush(stdout);
    if (fork() == 0)
        exit(9);
    i = wait(NULL);
    printf("wait %d %d\n", i, errno == ECHILD);
    return 0;
}
