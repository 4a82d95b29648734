/* In place of real.c for programs that have no floating-point numbers: there to be linked, and never called. */
#include <stdlib.h>

size_t __sockscope_set_real(char *room, char *text, struct spec *s, int letter, unsigned long bits) {
    return __sockscope_fault("a floating-point number comes from nowhere");
}

void __sockscope_take_real(const char *text, void *to, int length) {
    __sockscope_fault("a floating-point number goes nowhere");
}
