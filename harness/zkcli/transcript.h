/* Compares what a zkCli session has printed with what a scenario expects. */
#ifndef ROTA_HARNESS_ZKCLI_TRANSCRIPT_H
#define ROTA_HARNESS_ZKCLI_TRANSCRIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Whether a text is what is expected, line by line. In `expected`, `<any>` matches any text within
 * its line, and `<n>` matches a number, decimal or with 0x in front. The empty lines that zkCli
 * prints before and after `WATCHER::` may be missing in both texts. */
bool rota_transcript_matches(const char *expected, const char *printed);

/* Writes two texts that do not match, indented: the equal lines once, then the rest of what is
 * expected with `-` and of what was printed with `+`. `line` is the number of the first expected
 * line. Returns the number of the line where the difference begins. */
uint32_t rota_transcript_compare(FILE *out, const char *expected, const char *printed,
                                 uint32_t line);

#endif
