/* rand(3), random(3), drand48(3): the sequences are glibc's. */
#include <stdlib.h>
#include <string.h>

/* The additive feedback generator of random() (TYPE_3): r[i] = r[i-3] + r[i-31]. */
static unsigned state[31];
static int next, seeded;

static unsigned step(void)
{
    unsigned value = state[next] += state[(next + 28) % 31];
    next = (next + 1) % 31;
    return value >> 1;
}

void srandom(unsigned int seed) {
    int word = seed == 0 ? 1 : seed, i;
    state[0] = word;
    for (i = 1; i < 31; i++) {
        /* 16807 * word mod 2^31 - 1, after Schrage. */
        word = 16807 * (word % 127773) - 2836 * (word / 127773);
        if (word < 0)
            word += 2147483647;
        state[i] = word;
    }
    next = 3;
    seeded = 1;
    for (i = 0; i < 310; i++)
        step();
}

void srand(unsigned int seed) {
    srandom(seed);
}

long random(void) {
    if (!seeded)
        srandom(1);
    return step();
}

int rand(void) {
    return random();
}

int rand_r(unsigned int *seedp) {
    unsigned next = *seedp, result;
    next = next * 1103515245 + 12345;
    result = next / 65536 % 2048;
    next = next * 1103515245 + 12345;
    result = result << 10 ^ next / 65536 % 1024;
    next = next * 1103515245 + 12345;
    result = result << 10 ^ next / 65536 % 1024;
    *seedp = next;
    return result;
}

static unsigned short own[3], former[3];
static unsigned long factor = 0x5deece66d, addend = 0xb;

/* The next 48 bits. */
static unsigned long next48(unsigned short *x)
{
    unsigned long value = (unsigned long)x[2] << 32 | (unsigned)x[1] << 16 | x[0];
    value = (value * factor + addend) & 0xffffffffffff;
    x[0] = value;
    x[1] = value >> 16;
    x[2] = value >> 32;
    return value;
}

double erand48(unsigned short xsubi[3]) {
    return next48(xsubi) / 281474976710656.0;
}

double drand48(void) {
    return erand48(own);
}

long nrand48(unsigned short xsubi[3]) {
    return next48(xsubi) >> 17;
}

long lrand48(void) {
    return nrand48(own);
}

long jrand48(unsigned short xsubi[3]) {
    return (int)(next48(xsubi) >> 16);
}

long mrand48(void) {
    return jrand48(own);
}

void srand48(long seedval) {
    own[0] = 0x330e;
    own[1] = seedval;
    own[2] = seedval >> 16;
    factor = 0x5deece66d;
    addend = 0xb;
}

unsigned short *seed48(unsigned short seed16v[3]) {
    memcpy(former, own, sizeof own);
    memcpy(own, seed16v, sizeof own);
    factor = 0x5deece66d;
    addend = 0xb;
    return former;
}

void lcong48(unsigned short param[7]) {
    memcpy(own, param, sizeof own);
    factor = (unsigned long)param[5] << 32 | (unsigned)param[4] << 16 | param[3];
    addend = param[6];
}
