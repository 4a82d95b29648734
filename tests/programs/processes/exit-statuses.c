/* How children end, and what their parent is told. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(int kind)
{
    if (kind == 0)
        exit(7);
    if (kind == 1)
        _exit(300);
    if (kind == 2)
        raise(SIGTERM);
    if (kind == 3)
        abort();
    pause();
}

int main(void)
{
    int kind, status;
    pid_t pid;
    for (kind = 0; kind < 5; kind++) {
        fflush(stdout);
        pid = fork();
        if (pid == 0)
            child(kind);
        if (kind == 4)
            kill(pid, SIGKILL);
        if (waitpid(pid, &status, 0) != pid)
            return 1;
        if (WIFEXITED(status))
            printf("%d: exited %d\n", kind, WEXITSTATUS(status));
        else if (WIFSIGNALED(status))
            printf("%d: signal %d\n", kind, WTERMSIG(status));
    }
    printf("no more: %d", wait(NULL));
    printf(" %d\n", errno == ECHILD);
    fflush(stdout);
    if (fork() == 0) {
        /* The grandchild outlives its parent. */
        if (fork() == 0) {
            while (getppid() != 1)
                usleep(1000);
            printf("orphan\n");
            exit(0);
        }
        exit(0);
    }
    wait(NULL);
    usleep(100000);
    printf("waitpid of a stranger: %d", (int)waitpid(1, NULL, 0));
    printf(" %d\n", errno == ECHILD);
    return 5;
}
