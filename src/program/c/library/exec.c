/* exec(3): the arguments of a list become an array. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#define MOST 256

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
