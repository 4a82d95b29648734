/* gcc's names for functions of the library. */
#include <stdio.h>

int main(void)
{
    char text[16];
    __builtin_strcpy(text, "hello");
    __builtin_strcat(text, "!");
    printf("%s %d %d\n", text, (int)__builtin_strlen(text), __builtin_strchr(text, 'l') == text + 2);
    printf("%d %d\n", __builtin_abs(-3), __builtin_memcmp(text, "hello", 5));
    if (text[0] != 'h')
        __builtin_unreachable();
    return 0;
}
