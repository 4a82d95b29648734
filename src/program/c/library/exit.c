/* The end of a process: exit(3), atexit(3), on_exit(3). */
#include <stddef.h>

void __sockscope_finish(int status);

struct handler {
    void (*plain)(void);
    void (*with)(int status, void *arg);
    void *arg;
};

static struct handler handlers[256];
static int count;

static int add(void (*plain)(void), void (*with)(int, void *), void *arg)
{
    if (count == 256)
        return -1;
    handlers[count].plain = plain;
    handlers[count].with = with;
    handlers[count].arg = arg;
    count++;
    return 0;
}

int atexit(void (*function)(void)) {
    return add(function, NULL, NULL);
}

int on_exit(void (*function)(int, void *), void *arg) {
    return add(NULL, function, arg);
}

/* The last one first. One that calls exit() itself is not called again. */
void __sockscope_exit(int status) {
    while (count > 0) {
        struct handler *last = &handlers[--count];
        if (last->plain != NULL)
            last->plain();
        else
            last->with(status, last->arg);
    }
    __sockscope_finish(status);
}

void exit(int status) {
    __sockscope_exit(status);
}
