/* execve(2); exec(3): the arguments of a list become an array; what needs a shell. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MOST 256

int __sockscope_execve(const char *pathname, char *const argv[]);
int __sockscope_fault(const char *message);

int execve(const char *pathname, char *const argv[], char *const envp[]) {
    if (envp != NULL && *envp != NULL)
        __sockscope_fault("an environment for another program is not modelled: pass one that is empty");
    return __sockscope_execve(pathname, argv);
}

static int no_shell(void)
{
    return __sockscope_fault("it is not modelled: there is no shell (fork() and execv() run another program)");
}

int system(const char *command) {
    return no_shell();
}

FILE *popen(const char *command, const char *type) {
    no_shell();
    return NULL;
}

static int gather(const char **argv, const char *arg, va_list *rest)
{
    int count = 0;
    argv[count++] = arg;
    while (argv[count - 1] != NULL && count < MOST)
        argv[count++] = va_arg(*rest, char *);
    if (argv[count - 1] == NULL)
        return 0;
    errno = E2BIG;
    return -1;
}

int execv(const char *pathname, char *const argv[]) {
    return execve(pathname, argv, NULL);
}

int execvp(const char *file, char *const argv[]) {
    return execve(file, argv, NULL);
}

int execvpe(const char *file, char *const argv[], char *const envp[]) {
    return execve(file, argv, envp);
}

int execl(const char *pathname, const char *arg, ...) {
    const char *argv[MOST];
    int result;
    va_list rest;
    va_start(rest, arg);
    result = gather(argv, arg, &rest);
    va_end(rest);
    return result < 0 ? -1 : execve(pathname, (char **)argv, NULL);
}

int execlp(const char *file, const char *arg, ...) {
    const char *argv[MOST];
    int result;
    va_list rest;
    va_start(rest, arg);
    result = gather(argv, arg, &rest);
    va_end(rest);
    return result < 0 ? -1 : execve(file, (char **)argv, NULL);
}

int execle(const char *pathname, const char *arg, ...) {
    const char *argv[MOST];
    char *const *envp = NULL;
    int result;
    va_list rest;
    va_start(rest, arg);
    result = gather(argv, arg, &rest);
    if (result == 0)
        envp = va_arg(rest, char *const *);
    va_end(rest);
    return result < 0 ? -1 : execve(pathname, (char **)argv, envp);
}
