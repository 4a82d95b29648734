/* Unnamed semaphores: sem_overview(7). */
#include <errno.h>
#include <limits.h>
#include <semaphore.h>
#include <stddef.h>
#include <time.h>

int clock_gettime(int clock, struct timespec *now);
#ifndef CLOCK_REALTIME
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#endif

long __sockscope_futex(int *at, int wakes, int value, const struct timespec *timeout);
int __sockscope_add(volatile int *at, int value);
int __sockscope_cas(volatile int *at, int old, int value);
int __sockscope_fault(const char *message);

static int sem_fail(int number)
{
    errno = number;
    return -1;
}

int sem_init(sem_t *sem, int pshared, unsigned int value) {
    if (value > INT_MAX)
        return sem_fail(EINVAL);
    if (pshared)
        __sockscope_fault("a semaphore that processes share is not modelled");
    sem->__value = value;
    sem->__waiting = 0;
    return 0;
}

int sem_destroy(sem_t *sem) {
    if (sem->__waiting)
        __sockscope_fault("a thread waits for the semaphore");
    return 0;
}

int sem_trywait(sem_t *sem) {
    int value;
    while ((value = sem->__value) > 0)
        if (__sockscope_cas(&sem->__value, value, value - 1) == value)
            return 0;
    return sem_fail(EAGAIN);
}

/* Waits for a value above 0; fails with what ended that. */
static int sem_stand(sem_t *sem, const struct timespec *left)
{
    long result;
    __sockscope_add(&sem->__waiting, 1);
    result = __sockscope_futex(&sem->__value, 0, 0, left);
    __sockscope_add(&sem->__waiting, -1);
    return result == -EINTR || result == -ETIMEDOUT ? sem_fail(-result) : 0;
}

int sem_wait(sem_t *sem) {
    int before = errno;
    while (sem_trywait(sem) != 0)
        if (sem_stand(sem, NULL) != 0)
            return -1;
    errno = before;
    return 0;
}

int sem_timedwait(sem_t *sem, const struct timespec *abs_timeout) {
    int before = errno;
    while (sem_trywait(sem) != 0) {
        struct timespec left;
        if (abs_timeout->tv_nsec < 0 || abs_timeout->tv_nsec >= 1000000000)
            return sem_fail(EINVAL);
        clock_gettime(CLOCK_REALTIME, &left);
        left.tv_sec = abs_timeout->tv_sec - left.tv_sec;
        left.tv_nsec = abs_timeout->tv_nsec - left.tv_nsec;
        if (left.tv_nsec < 0) {
            left.tv_sec--;
            left.tv_nsec += 1000000000;
        }
        if (left.tv_sec < 0)
            return sem_fail(ETIMEDOUT);
        if (sem_stand(sem, &left) != 0)
            return -1;
    }
    errno = before;
    return 0;
}

int sem_post(sem_t *sem) {
    if (sem->__value == INT_MAX)
        return sem_fail(EOVERFLOW);
    __sockscope_add(&sem->__value, 1);
    if (sem->__waiting > 0)
        __sockscope_futex(&sem->__value, 1, 1, NULL);
    return 0;
}

int sem_getvalue(sem_t *sem, int *sval) {
    *sval = sem->__value;
    return 0;
}
