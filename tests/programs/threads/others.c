/* What each thread has for itself, and the rest of the locks. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t checked = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static sem_t ready, go_on[2];
static int shared;

static void init(void)
{
    printf("once\n");
}

static void destroy(void *value)
{
    printf("destroyed %d\n", *(int *)value);
    free(value);
}

static void *own(void *arg)
{
    int *value = malloc(sizeof *value);

    *value = *(int *)arg;
    pthread_once(&once, init);
    pthread_setspecific(key, value);
    errno = *value;
    sem_post(&ready);
    sem_wait(&go_on[*value - 7]);
    printf("%d %d\n", *(int *)pthread_getspecific(key), errno);
    return NULL;
}

static void *meet(void *arg)
{
    int last = pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;

    (void)arg;
    pthread_rwlock_rdlock(&rwlock);
    last += shared;
    pthread_rwlock_unlock(&rwlock);
    return (void *)(long)last;
}

static void say(void *text)
{
    printf("cleanup %s\n", (char *)text);
}

static void *cleans(void *arg)
{
    pthread_cleanup_push(say, "first");
    pthread_cleanup_push(say, "second");
    pthread_cleanup_push(say, "never");
    pthread_cleanup_pop(0);
    if (arg != NULL)
        pthread_exit((void *)3);
    pthread_cleanup_pop(1);
    pthread_cleanup_pop(1);
    return (void *)4;
}

static void *intrudes(void *arg)
{
    (void)arg;
    printf("busy %d, not mine %d\n", pthread_mutex_trylock(&checked) == EBUSY, pthread_mutex_unlock(&checked) == EPERM);
    return NULL;
}

int main(void)
{
    pthread_t threads[3];
    pthread_attr_t attr;
    pthread_mutexattr_t recursive;
    pthread_mutex_t mutex;
    int values[2] = { 7, 8 }, i, state;
    long sum = 0;
    void *result;

    errno = 0;
    sem_init(&ready, 0, 0);
    for (i = 0; i < 2; i++)
        sem_init(&go_on[i], 0, 0);
    pthread_key_create(&key, destroy);
    for (i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, own, &values[i]);
    for (i = 0; i < 2; i++)
        sem_wait(&ready);
    for (i = 0; i < 2; i++) {
        sem_post(&go_on[i]);
        pthread_join(threads[i], NULL);
    }
    pthread_once(&once, init);
    printf("errno %d, own %d\n", errno, pthread_getspecific(key) == NULL);

    pthread_barrier_init(&barrier, NULL, 3);
    pthread_rwlock_wrlock(&rwlock);
    for (i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, meet, NULL);
    shared = 100;
    pthread_rwlock_unlock(&rwlock);
    for (i = 0; i < 3; i++) {
        pthread_join(threads[i], &result);
        sum += (long)result;
    }
    printf("met %ld\n", sum);

    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&mutex, &recursive);
    i = pthread_mutex_lock(&mutex) + pthread_mutex_lock(&mutex) + pthread_mutex_unlock(&mutex);
    i += pthread_mutex_unlock(&mutex);
    printf("recursive %d, %s\n", i, strerror(pthread_mutex_unlock(&mutex)));
    pthread_mutex_lock(&checked);
    printf("checked %s\n", strerror(pthread_mutex_lock(&checked)));
    pthread_create(&threads[0], NULL, intrudes, NULL);
    pthread_join(threads[0], NULL);

    for (i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, cleans, i == 0 ? NULL : &values);
        pthread_join(threads[i], &result);
        printf("cleans %ld\n", (long)result);
    }
    printf("%s, %d\n", strerror(pthread_join(pthread_self(), NULL)), pthread_equal(pthread_self(), pthread_self()) != 0);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_getdetachstate(&attr, &state);
    printf("detached %d\n", state == PTHREAD_CREATE_DETACHED);
    printf("%d\n", sem_trywait(&ready) == -1 && errno == EAGAIN);
    return 0;
}
