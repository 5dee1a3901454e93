#include "harness/language/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WORD_MAX = 40 }; /* longer words are near to no other */

static bool differ(char a, char b)
{
    return tolower((unsigned char)a) != tolower((unsigned char)b);
}

/* How many letters must be inserted, removed, replaced, or swapped with the next one to turn `a`
 * into `b`. */
static uint32_t distance(const char *a, const char *b)
{
    uint32_t rows[3][WORD_MAX + 1];
    size_t m = strlen(a);
    size_t n = strlen(b);

    if (m > WORD_MAX || n > WORD_MAX)
        return UINT32_MAX;
    for (uint32_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (uint32_t i = 1; i <= m; i++) {
        uint32_t *row = rows[i % 3];
        const uint32_t *above = rows[(i + 2) % 3];
        const uint32_t *higher = rows[(i + 1) % 3];

        row[0] = i;
        for (uint32_t j = 1; j <= n; j++) {
            uint32_t least = above[j - 1] + differ(a[i - 1], b[j - 1]);

            if (above[j] + 1 < least)
                least = above[j] + 1;
            if (row[j - 1] + 1 < least)
                least = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                higher[j - 2] + 1 < least)
                least = higher[j - 2] + 1;
            row[j] = least;
        }
    }
    return rows[m % 3][n];
}

const char *rota_nearest(const char *text, const char *const *candidates)
{
    const char *nearest = NULL;
    size_t length = strlen(text);
    uint32_t least = length < 4 ? 2 : length < 8 ? 3 : 4; /* this far is not near any more */

    for (; *candidates != NULL; candidates++) {
        bool is_prefix = length >= 3 && strncmp(text, *candidates, length) == 0;
        uint32_t d = is_prefix ? 1 : distance(text, *candidates);

        if (d < least) {
            least = d;
            nearest = *candidates;
        }
    }
    return nearest;
}
