/* Mutexes, conditions, barriers and other locks, over futex(2). */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

int clock_gettime(int clock, struct timespec *now);
#ifndef CLOCK_REALTIME
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#endif

long __sockscope_futex(int *at, int wakes, int value, const struct timespec *timeout);
int __sockscope_add(volatile int *at, int value);
int __sockscope_swap(volatile int *at, int value);
int __sockscope_cas(volatile int *at, int old, int value);
int __sockscope_fault(const char *message);

static void *caller(void)
{
    return (void *)pthread_self();
}

/* Waits as long as *at is value. */
static int forever(int *at, int value, int clock, const struct timespec *abstime)
{
    __sockscope_futex(at, 0, value, NULL);
    return 0;
}

/* The same, until a time by that clock: then ETIMEDOUT. */
static int until(int *at, int value, int clock, const struct timespec *abstime)
{
    struct timespec left;
    if (abstime->tv_nsec < 0 || abstime->tv_nsec >= 1000000000)
        return EINVAL;
    clock_gettime(clock, &left);
    left.tv_sec = abstime->tv_sec - left.tv_sec;
    left.tv_nsec = abstime->tv_nsec - left.tv_nsec;
    if (left.tv_nsec < 0) {
        left.tv_sec--;
        left.tv_nsec += 1000000000;
    }
    if (left.tv_sec < 0)
        return ETIMEDOUT;
    return __sockscope_futex(at, 0, value, &left) == -ETIMEDOUT ? ETIMEDOUT : 0;
}

/* 0: free, 1: locked, 2: locked, and somebody may wait (Drepper, "Futexes are tricky"). */
static void get(int *lock)
{
    int was = __sockscope_cas(lock, 0, 1);
    if (was != 0 && was != 2)
        was = __sockscope_swap(lock, 2);
    while (was != 0) {
        __sockscope_futex(lock, 0, 2, NULL);
        was = __sockscope_swap(lock, 2);
    }
}

static void put(int *lock)
{
    if (__sockscope_swap(lock, 0) == 2)
        __sockscope_futex(lock, 1, 1, NULL);
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr) {
    memset(mutex, 0, sizeof *mutex);
    mutex->__type = attr != NULL ? attr->__type : PTHREAD_MUTEX_DEFAULT;
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex) {
    if (mutex->__gone)
        __sockscope_fault("the mutex was destroyed before");
    if (mutex->__lock)
        __sockscope_fault("the mutex is locked");
    mutex->__gone = 1;
    return 0;
}

/* What a lock by its owner gives; 0: it is not that. */
static int again(pthread_mutex_t *mutex)
{
    if (mutex->__gone)
        __sockscope_fault("the mutex was destroyed");
    if (mutex->__lock == 0 || mutex->__owner != caller())
        return 0;
    if (mutex->__type == PTHREAD_MUTEX_ERRORCHECK)
        return EDEADLK;
    if (mutex->__type != PTHREAD_MUTEX_RECURSIVE)
        return 0;
    mutex->__count++;
    return -1;
}

static int locked(pthread_mutex_t *mutex)
{
    mutex->__owner = caller();
    mutex->__count = 1;
    return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    int mine = again(mutex);
    if (mine != 0)
        return mine < 0 ? 0 : mine;
    get(&mutex->__lock);
    return locked(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex) {
    int mine = again(mutex);
    if (mine != 0)
        return mine < 0 ? 0 : EBUSY;
    return __sockscope_cas(&mutex->__lock, 0, 1) == 0 ? locked(mutex) : EBUSY;
}

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *abstime) {
    int mine = again(mutex), was;
    if (mine != 0)
        return mine < 0 ? 0 : mine;
    was = __sockscope_cas(&mutex->__lock, 0, 1);
    if (was != 0)
        was = __sockscope_swap(&mutex->__lock, 2);
    while (was != 0) {
        int problem = until(&mutex->__lock, 2, CLOCK_REALTIME, abstime);
        if (problem != 0)
            return problem;
        was = __sockscope_swap(&mutex->__lock, 2);
    }
    return locked(mutex);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    int strict = mutex->__type == PTHREAD_MUTEX_RECURSIVE || mutex->__type == PTHREAD_MUTEX_ERRORCHECK;
    if (mutex->__gone)
        __sockscope_fault("the mutex was destroyed");
    if (mutex->__lock == 0 || mutex->__owner != caller()) {
        if (strict)
            return EPERM;
        __sockscope_fault(mutex->__lock == 0 ? "the mutex is not locked" : "another thread has locked the mutex");
    }
    if (--mutex->__count > 0)
        return 0;
    mutex->__owner = NULL;
    put(&mutex->__lock);
    return 0;
}

int pthread_mutexattr_init(pthread_mutexattr_t *attr) {
    attr->__type = PTHREAD_MUTEX_DEFAULT;
    return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attr) {
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type) {
    if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ADAPTIVE_NP)
        return EINVAL;
    attr->__type = type;
    return 0;
}

int pthread_mutexattr_gettype(const pthread_mutexattr_t *attr, int *type) {
    *type = attr->__type;
    return 0;
}

int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr) {
    memset(cond, 0, sizeof *cond);
    cond->__clock = attr != NULL ? attr->__clock : CLOCK_REALTIME;
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *cond) {
    if (cond->__gone)
        __sockscope_fault("the condition was destroyed before");
    if (cond->__waiting)
        __sockscope_fault("a thread waits for the condition");
    cond->__gone = 1;
    return 0;
}

typedef int sleeps(int *at, int value, int clock, const struct timespec *abstime);

static int wait_for(pthread_cond_t *cond, pthread_mutex_t *mutex, sleeps *sleep, const struct timespec *abstime)
{
    int turn = cond->__turn, problem = 0, count = mutex->__count;
    if (cond->__gone)
        __sockscope_fault("the condition was destroyed");
    if (mutex->__lock == 0 || mutex->__owner != caller())
        __sockscope_fault("this thread has not locked the mutex");
    if (abstime != NULL && (abstime->tv_nsec < 0 || abstime->tv_nsec >= 1000000000))
        return EINVAL;
    __sockscope_add(&cond->__waiting, 1);
    mutex->__owner = NULL;
    put(&mutex->__lock);
    while (problem == 0 && cond->__turn == turn)
        problem = sleep(&cond->__turn, turn, cond->__clock, abstime);
    __sockscope_add(&cond->__waiting, -1);
    get(&mutex->__lock);
    locked(mutex);
    mutex->__count = count;
    return cond->__turn == turn ? problem : 0;
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex) {
    return wait_for(cond, mutex, forever, NULL);
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *abstime) {
    return wait_for(cond, mutex, until, abstime);
}

static int wake(pthread_cond_t *cond, int most)
{
    if (cond->__gone)
        __sockscope_fault("the condition was destroyed");
    if (cond->__waiting > 0) {
        __sockscope_add(&cond->__turn, 1);
        __sockscope_futex(&cond->__turn, 1, most, NULL);
    }
    return 0;
}

int pthread_cond_signal(pthread_cond_t *cond) {
    return wake(cond, 1);
}

int pthread_cond_broadcast(pthread_cond_t *cond) {
    return wake(cond, INT_MAX);
}

int pthread_condattr_init(pthread_condattr_t *attr) {
    attr->__clock = CLOCK_REALTIME;
    return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attr) {
    return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attr, int clock_id) {
    if (clock_id != CLOCK_REALTIME && clock_id != CLOCK_MONOTONIC)
        return EINVAL;
    attr->__clock = clock_id;
    return 0;
}

/* 0: not yet, 1: somebody is at it, 2: done. */
int pthread_once(pthread_once_t *once_control, void (*init_routine)(void)) {
    int was;
    while ((was = __sockscope_cas(once_control, 0, 1)) == 1)
        __sockscope_futex(once_control, 0, 1, NULL);
    if (was == 0) {
        init_routine();
        *once_control = 2;
        __sockscope_futex(once_control, 1, INT_MAX, NULL);
    }
    return 0;
}

/* The number of readers, or −1 for a writer. */
int pthread_rwlock_init(pthread_rwlock_t *rwlock, const pthread_rwlockattr_t *attr) {
    memset(rwlock, 0, sizeof *rwlock);
    return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *rwlock) {
    if (rwlock->__state != 0)
        __sockscope_fault("the lock is locked");
    return 0;
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *rwlock) {
    int state;
    while ((state = rwlock->__state) >= 0)
        if (__sockscope_cas(&rwlock->__state, state, state + 1) == state)
            return 0;
    return EBUSY;
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *rwlock) {
    if (__sockscope_cas(&rwlock->__state, 0, -1) != 0)
        return EBUSY;
    rwlock->__writer = caller();
    return 0;
}

static void stand(pthread_rwlock_t *rwlock, int state)
{
    __sockscope_add(&rwlock->__waiting, 1);
    __sockscope_futex(&rwlock->__state, 0, state, NULL);
    __sockscope_add(&rwlock->__waiting, -1);
}

int pthread_rwlock_rdlock(pthread_rwlock_t *rwlock) {
    if (rwlock->__writer == caller())
        return EDEADLK;
    while (pthread_rwlock_tryrdlock(rwlock) != 0)
        stand(rwlock, -1);
    return 0;
}

int pthread_rwlock_wrlock(pthread_rwlock_t *rwlock) {
    if (rwlock->__writer == caller())
        return EDEADLK;
    while (pthread_rwlock_trywrlock(rwlock) != 0) {
        int state = rwlock->__state;
        if (state != 0)
            stand(rwlock, state);
    }
    return 0;
}

int pthread_rwlock_unlock(pthread_rwlock_t *rwlock) {
    if (rwlock->__state == 0)
        __sockscope_fault("the lock is not locked");
    if (rwlock->__state < 0) {
        if (rwlock->__writer != caller())
            __sockscope_fault("another thread has locked the lock for writing");
        rwlock->__writer = NULL;
        rwlock->__state = 0;
    } else if (__sockscope_add(&rwlock->__state, -1) > 0 && rwlock->__waiting == 0)
        return 0;
    if (rwlock->__waiting > 0)
        __sockscope_futex(&rwlock->__state, 1, INT_MAX, NULL);
    return 0;
}

int pthread_barrier_init(pthread_barrier_t *barrier, const pthread_barrierattr_t *attr, unsigned count) {
    if (count == 0)
        return EINVAL;
    memset(barrier, 0, sizeof *barrier);
    barrier->__count = count;
    return 0;
}

int pthread_barrier_destroy(pthread_barrier_t *barrier) {
    if (barrier->__here != 0)
        __sockscope_fault("a thread waits at the barrier");
    return 0;
}

int pthread_barrier_wait(pthread_barrier_t *barrier) {
    int turn;
    get(&barrier->__lock);
    turn = barrier->__turn;
    if (++barrier->__here == barrier->__count) {
        barrier->__here = 0;
        barrier->__turn++;
        put(&barrier->__lock);
        __sockscope_futex(&barrier->__turn, 1, INT_MAX, NULL);
        return PTHREAD_BARRIER_SERIAL_THREAD;
    }
    put(&barrier->__lock);
    while (barrier->__turn == turn)
        __sockscope_futex(&barrier->__turn, 0, turn, NULL);
    return 0;
}

int pthread_spin_init(pthread_spinlock_t *lock, int pshared) {
    *lock = 0;
    return 0;
}

int pthread_spin_destroy(pthread_spinlock_t *lock) {
    return 0;
}

int pthread_spin_lock(pthread_spinlock_t *lock) {
    while (__sockscope_cas(lock, 0, 1) != 0)
        ;
    return 0;
}

int pthread_spin_trylock(pthread_spinlock_t *lock) {
    return __sockscope_cas(lock, 0, 1) == 0 ? 0 : EBUSY;
}

int pthread_spin_unlock(pthread_spinlock_t *lock) {
    *lock = 0;
    return 0;
}
