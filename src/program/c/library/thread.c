/* Threads: pthread_create(3), pthread_join(3), pthread_exit(3) and what each thread has for itself. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

long __sockscope_clone(void (*start)(void *), void *self, int *alive);
void __sockscope_leave(int *alive);
void *__sockscope_self(void);
long __sockscope_futex(int *at, int wakes, int value, const struct timespec *timeout);
int __sockscope_add(volatile int *at, int value);
int __sockscope_fault(const char *message);

#define KEYS 128

struct thread {
    /* 1; the kernel wakes who waits here when the thread ends. */
    int alive;
    int detached;
    int joined;
    struct thread *joins;
    void *(*start)(void *);
    void *arg;
    void *result;
    struct __pthread_cleanup *cleanup;
    void *values[KEYS];
};

static struct thread first = { 1 };
static int threads = 1;
static struct { int used; void (*destructor)(void *); } keys[KEYS];

static struct thread *self(void)
{
    struct thread *own = __sockscope_self();
    return own != NULL ? own : &first;
}

static void run(void *own)
{
    struct thread *t = own;
    pthread_exit(t->start(t->arg));
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start_routine)(void *), void *arg) {
    struct thread *t = calloc(1, sizeof *t);
    long tid;
    if (t == NULL)
        return EAGAIN;
    t->alive = 1;
    t->detached = attr != NULL && attr->__detached;
    t->start = start_routine;
    t->arg = arg;
    __sockscope_add(&threads, 1);
    *thread = (pthread_t)t;
    tid = __sockscope_clone(run, t, &t->alive);
    if (tid < 0) {
        __sockscope_add(&threads, -1);
        free(t);
        return -tid;
    }
    return 0;
}

pthread_t pthread_self(void) {
    return (pthread_t)self();
}

int pthread_equal(pthread_t t1, pthread_t t2) {
    return t1 == t2;
}

static void destructors(struct thread *t)
{
    int round, key, again = 1;
    for (round = 0; again && round < 4; round++) {
        again = 0;
        for (key = 0; key < KEYS; key++) {
            void *value = t->values[key];
            t->values[key] = NULL;
            if (value != NULL && keys[key].used && keys[key].destructor != NULL) {
                keys[key].destructor(value);
                again = 1;
            }
        }
    }
}

void pthread_exit(void *retval) {
    struct thread *t = self();
    t->result = retval;
    while (t->cleanup != NULL) {
        struct __pthread_cleanup *last = t->cleanup;
        t->cleanup = last->__before;
        last->__routine(last->__arg);
    }
    destructors(t);
    if (__sockscope_add(&threads, -1) == 0)
        exit(0);
    if (t == &first) {
        t->alive = 0;
        __sockscope_futex(&t->alive, 1, 1, NULL);
    }
    __sockscope_leave(&t->alive);
}

static int take(struct thread *t, void **retval)
{
    if (retval != NULL)
        *retval = t->result;
    t->joined = 2;
    return 0;
}

static int joinable(struct thread *t)
{
    struct thread *own = self();
    if (t == NULL)
        __sockscope_fault("there is no such thread: pthread_create() has not given this pthread_t");
    if (t->joined == 2)
        __sockscope_fault("the thread was joined before: its pthread_t stands for nothing any more");
    if (t == own || (own->joined && t->joins == own))
        return EDEADLK;
    if (t->detached || t->joined)
        return EINVAL;
    return 0;
}

int pthread_join(pthread_t thread, void **retval) {
    struct thread *t = (struct thread *)thread;
    int problem = joinable(t);
    if (problem != 0)
        return problem;
    t->joined = 1;
    self()->joins = t;
    while (t->alive)
        __sockscope_futex(&t->alive, 0, 1, NULL);
    self()->joins = NULL;
    return take(t, retval);
}

int pthread_tryjoin_np(pthread_t thread, void **retval) {
    struct thread *t = (struct thread *)thread;
    int problem = joinable(t);
    if (problem != 0)
        return problem;
    return t->alive ? EBUSY : take(t, retval);
}

int pthread_detach(pthread_t thread) {
    struct thread *t = (struct thread *)thread;
    if (t == NULL)
        __sockscope_fault("there is no such thread: pthread_create() has not given this pthread_t");
    if (t->joined == 2)
        __sockscope_fault("the thread was joined before: its pthread_t stands for nothing any more");
    if (t->detached)
        return EINVAL;
    t->detached = 1;
    return 0;
}

int pthread_attr_init(pthread_attr_t *attr) {
    memset(attr, 0, sizeof *attr);
    attr->__stack = 8 << 20;
    attr->__guard = 4096;
    return 0;
}

int pthread_attr_destroy(pthread_attr_t *attr) {
    return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attr, int detachstate) {
    if (detachstate != PTHREAD_CREATE_JOINABLE && detachstate != PTHREAD_CREATE_DETACHED)
        return EINVAL;
    attr->__detached = detachstate;
    return 0;
}

int pthread_attr_getdetachstate(const pthread_attr_t *attr, int *detachstate) {
    *detachstate = attr->__detached;
    return 0;
}

/* It is noted; every stack can grow to 8 MiB. */
int pthread_attr_setstacksize(pthread_attr_t *attr, size_t stacksize) {
    if (stacksize < PTHREAD_STACK_MIN)
        return EINVAL;
    attr->__stack = stacksize;
    return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *attr, size_t *stacksize) {
    *stacksize = attr->__stack;
    return 0;
}

int pthread_attr_setguardsize(pthread_attr_t *attr, size_t guardsize) {
    attr->__guard = guardsize;
    return 0;
}

int pthread_attr_getguardsize(const pthread_attr_t *attr, size_t *guardsize) {
    *guardsize = attr->__guard;
    return 0;
}

int pthread_attr_setscope(pthread_attr_t *attr, int scope) {
    return scope == PTHREAD_SCOPE_SYSTEM ? 0 : scope == PTHREAD_SCOPE_PROCESS ? ENOTSUP : EINVAL;
}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) {
    unsigned at;
    for (at = 0; at < KEYS; at++) {
        if (!keys[at].used) {
            keys[at].used = 1;
            keys[at].destructor = destructor;
            *key = at;
            return 0;
        }
    }
    return EAGAIN;
}

int pthread_key_delete(pthread_key_t key) {
    if (key >= KEYS || !keys[key].used)
        return EINVAL;
    keys[key].used = 0;
    return 0;
}

void *pthread_getspecific(pthread_key_t key) {
    return key < KEYS && keys[key].used ? self()->values[key] : NULL;
}

int pthread_setspecific(pthread_key_t key, const void *value) {
    if (key >= KEYS || !keys[key].used)
        return EINVAL;
    self()->values[key] = (void *)value;
    return 0;
}

void __pthread_cleanup_push(struct __pthread_cleanup *cleanup) {
    struct thread *t = self();
    cleanup->__before = t->cleanup;
    t->cleanup = cleanup;
}

void __pthread_cleanup_pop(struct __pthread_cleanup *cleanup, int execute) {
    self()->cleanup = cleanup->__before;
    if (execute)
        cleanup->__routine(cleanup->__arg);
}

/* Nobody can cancel a thread here: there is no pthread_cancel(). */
int pthread_setcancelstate(int state, int *oldstate) {
    if (oldstate != NULL)
        *oldstate = PTHREAD_CANCEL_ENABLE;
    return 0;
}

int pthread_setcanceltype(int type, int *oldtype) {
    if (oldtype != NULL)
        *oldtype = PTHREAD_CANCEL_DEFERRED;
    return 0;
}

void pthread_testcancel(void) {
}

int pthread_setname_np(pthread_t thread, const char *name) {
    return strlen(name) > 15 ? ERANGE : 0;
}

int pthread_setconcurrency(int new_level) {
    return new_level < 0 ? EINVAL : 0;
}

/* Whoever is ready has its turn after a while, asked for or not. */
int sched_yield(void) {
    return 0;
}
