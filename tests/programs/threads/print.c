/* Threads that print: every line stays whole. */
#include <pthread.h>
#include <stdio.h>

#define THREADS 4
#define LINES 300

static void *prints(void *arg)
{
    int i;

    for (i = 0; i < LINES; i++)
        printf("thread %d line %03d of %d, %s\n", *(int *)arg, i, LINES, "and a text that is long enough");
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int numbers[THREADS], i;

    for (i = 0; i < THREADS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, prints, &numbers[i]);
    }
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
