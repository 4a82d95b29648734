/* A signal reaches a program that computes; SIGPIPE ends one that writes to nobody. */
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t done;

static void stop(int sig)
{
    done = sig;
}

int main(void)
{
    unsigned long rounds = 0;
    struct itimerval soon = { { 0, 0 }, { 0, 50000 } };
    int status, ends[2];
    signal(SIGALRM, stop);
    printf("%u\n", alarm(5));
    printf("%u\n", alarm(0));
    setitimer(ITIMER_REAL, &soon, NULL);
    while (!done)
        rounds++;
    printf("signal %d, computed %d\n", done, rounds > 0);
    pipe(ends);
    close(ends[0]);
    fflush(stdout);
    if (fork() == 0) {
        write(ends[1], "x", 1);
        return 1;
    }
    wait(&status);
    printf("killed %d by %d\n", WIFSIGNALED(status), WTERMSIG(status));
    fflush(stdout);
    write(ends[1], "x", 1);
    return 0;
}
