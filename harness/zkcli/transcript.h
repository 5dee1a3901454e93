/* What a zkCli session has printed, beside what a scenario expects of it. */
#ifndef ROTA_HARNESS_ZKCLI_TRANSCRIPT_H
#define ROTA_HARNESS_ZKCLI_TRANSCRIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Whether a text is what is expected, line by line. In `expected`, `<any>` matches a run of
 * anything within its line, `<n>` a number, decimal or with 0x in front. The empty lines that zkCli
 * prints before and behind `WATCHER::` may be missing on either side. */
bool rota_transcript_matches(const char *expected, const char *printed);

/* Writes two texts that do not match, indented: the lines that match once, where they part `-` what
 * is expected and `+` what was printed. `line` is the number of the first expected line. Returns
 * the number of the line where they part. */
uint32_t rota_transcript_compare(FILE *out, const char *expected, const char *printed,
                                 uint32_t line);

#endif
