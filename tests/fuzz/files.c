/* Gives each file that is named to the fuzz target once: what was found stays found. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { FILE_MOST = 32 << 20 };

int main(int argc, char **argv)
{
    uint8_t *bytes = malloc(FILE_MOST);

    if (bytes == NULL)
        return 1;
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");

        if (f == NULL) {
            fprintf(stderr, "%s: this file cannot be opened\n", argv[i]);
            free(bytes);
            return 1;
        }
        LLVMFuzzerTestOneInput(bytes, fread(bytes, 1, FILE_MOST, f));
        fclose(f);
    }
    printf("%d files\n", argc - 1);
    free(bytes);
    return argc < 2;
}
