#include <stdio.h>
#include <string.h>
#include <stdlib.h>
int main(void) {
    char big[10000]; memset(big, 'x', sizeof big);
    printf("abc"); fwrite(big, 1, 5000, stdout); printf("%s", "def"); fwrite(big, 1, 9000, stdout); fflush(stdout);
    for (int i = 0; i < 600; i++) printf("line %d of some text\n", i);
    fflush(stdout); big[9999] = 0; printf("%s%s", big, big); puts(big); setvbuf(stdout, NULL, _IOLBF, 0); printf("a\nb%d\nc", 5); puts("x\ny"); printf("%s\n", "multi\nline"); fputs("no newline", stdout); fputs("1\n2\n3", stdout); putchar('\n');
    memset(big, 'y', 5000); big[100] = '\n'; big[4999] = '\n'; fwrite(big, 1, 5000, stdout); fwrite(big, 1, 5003, stdout);
    setvbuf(stdout, NULL, _IONBF, 0); printf("un%dbuf %s\n", 1, "fered"); puts("ab"); putchar('x'); fputs("fputs\n", stdout); fwrite("fw", 1, 2, stdout); printf("%9000d\n", 1);
    char own[10]; setvbuf(stdout, own, _IOFBF, 10); printf("0123456789abcdef%d", 12345); puts("zz");
    fprintf(stderr, "to %s\n", "stderr"); fputs("e1", stderr); fputc('\n', stderr); setvbuf(stderr, NULL, _IOLBF, 0); fputs("part ", stderr); fprintf(stderr, "rest\nmore"); 
    fflush(NULL); printf("end"); return 0;
}
