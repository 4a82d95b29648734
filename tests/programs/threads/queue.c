/* A bounded queue: one puts in, three take out, by one mutex and two conditions. */
#include <pthread.h>
#include <stdio.h>

#define ROOM 4
#define TAKERS 3

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full;
static int queue[ROOM], head, count, total;

static void put(int value)
{
    pthread_mutex_lock(&lock);
    while (count == ROOM)
        pthread_cond_wait(&not_full, &lock);
    queue[(head + count++) % ROOM] = value;
    pthread_cond_signal(&not_empty);
    pthread_mutex_unlock(&lock);
}

static int get(void)
{
    int value;

    pthread_mutex_lock(&lock);
    while (count == 0)
        pthread_cond_wait(&not_empty, &lock);
    value = queue[head];
    head = (head + 1) % ROOM;
    count--;
    pthread_cond_signal(&not_full);
    pthread_mutex_unlock(&lock);
    return value;
}

static void *taker(void *unused)
{
    long taken = 0;
    int value;

    (void)unused;
    while ((value = get()) >= 0) {
        pthread_mutex_lock(&lock);
        total += value;
        pthread_mutex_unlock(&lock);
        taken++;
    }
    return (void *)taken;
}

int main(void)
{
    pthread_t takers[TAKERS];
    long taken = 0;
    void *result;
    int i;

    pthread_cond_init(&not_full, NULL);
    for (i = 0; i < TAKERS; i++)
        pthread_create(&takers[i], NULL, taker, NULL);
    for (i = 1; i <= 200; i++)
        put(i);
    for (i = 0; i < TAKERS; i++)
        put(-1);
    for (i = 0; i < TAKERS; i++) {
        pthread_join(takers[i], &result);
        taken += (long)result;
    }
    pthread_cond_destroy(&not_full);
    printf("%ld taken, total %d\n", taken, total);
    return 0;
}
