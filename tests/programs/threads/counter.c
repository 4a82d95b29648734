/* What threads give back, and a counter that only a mutex keeps exact. */
#include <pthread.h>
#include <stdio.h>

#define THREADS 5
#define ROUNDS 20000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long counter;

static void *add(void *arg)
{
    int i;

    for (i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
    }
    return (void *)(long)(*(int *)arg * 10);
}

int main(void)
{
    pthread_t threads[THREADS];
    int numbers[THREADS], i;
    long sum = 0;
    void *result;

    for (i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, add, &numbers[i]) != 0)
            return 1;
    }
    for (i = 0; i < THREADS; i++) {
        if (pthread_join(threads[i], &result) != 0)
            return 2;
        sum += (long)result;
    }
    printf("counter %ld, results %ld\n", counter, sum);
    return 0;
}
