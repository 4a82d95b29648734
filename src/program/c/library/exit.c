/* The end of a process: exit(3), atexit(3), on_exit(3). */
#include <stddef.h>
#include <unistd.h>

/* Set by the first stream that is used. */
typedef void hook(void);
hook *__sockscope_flush;

struct handler {
    void (*plain)(void);
    void (*with)(int status, void *arg);
    void *arg;
};

static struct handler handlers[256];
static int handled;

static int add_handler(void (*plain)(void), void (*with)(int, void *), void *arg)
{
    if (handled == 256)
        return -1;
    handlers[handled].plain = plain;
    handlers[handled].with = with;
    handlers[handled].arg = arg;
    handled++;
    return 0;
}

int atexit(void (*function)(void)) {
    return add_handler(function, NULL, NULL);
}

int on_exit(void (*function)(int, void *), void *arg) {
    return add_handler(NULL, function, arg);
}

/* The last one first. One that calls exit() itself is not called again. */
void __sockscope_exit(int status) {
    while (handled > 0) {
        struct handler *last = &handlers[--handled];
        if (last->plain != NULL)
            last->plain();
        else
            last->with(status, last->arg);
    }
    if (__sockscope_flush != NULL)
        __sockscope_flush();
    _exit(status);
}

void exit(int status) {
    __sockscope_exit(status);
}
