#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void) {
    char line[16]; int c, n, i; char *p = NULL; size_t room = 0; char w[20]; double d;
    printf("%s", fgets(line, sizeof line, stdin)); printf("[%s]", fgets(line, 4, stdin)); printf("[%s]\n", fgets(line, sizeof line, stdin));
    c = getchar(); printf("%c", c); ungetc(c, stdin); printf("%c\n", fgetc(stdin)); ungetc('Z', stdin); ungetc('Y', stdin); printf("%c%c\n", getc(stdin), getc(stdin));
    n = getline(&p, &room, stdin); printf("%d %d %s", n, (int)room, p); n = getline(&p, &room, stdin); printf("%d %d\n", n, (int)room >= n);
    n = getdelim(&p, &room, ':', stdin); printf("%d %s\n", n, p);
    n = scanf("%d %s %lf", &i, w, &d); printf("%d %d %s %g\n", n, i, w, d);
    n = scanf("%d", &i); printf("%d feof %d\n", n, feof(stdin)); scanf("%*s");
    n = fread(line, 1, 10, stdin); printf("%d [%.*s]\n", n, n, line); n = fread(line, 4, 3, stdin); printf("%d\n", n);
    while ((c = getchar()) != EOF) putchar(c);
    printf("%d %d %d\n", feof(stdin), ferror(stdin), getchar()); clearerr(stdin); printf("%d\n", feof(stdin));
    ungetc('q', stdin); printf("%c %d\n", getchar(), getchar()); printf("%d\n", scanf("%d", &i)); printf("%p\n", (void *)fgets(line, 10, stdin)); printf("%d\n", (int)getline(&p, &room, stdin));
    printf("%d\n", fileno(stdin) + fileno(stdout) * 10 + fileno(stderr) * 100); free(p);
    return fclose(stdin);
}
