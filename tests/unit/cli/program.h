/* The program under test as a child process: its input is written, its output is kept, and every
 * wait has a time limit. */
#ifndef ROTA_TESTS_UNIT_CLI_PROGRAM_H
#define ROTA_TESTS_UNIT_CLI_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

enum { PROGRAM_ARGUMENTS = 24 };

struct program_stream {
    struct program *program;
    uv_pipe_t pipe;
    char *data; /* terminated */
    size_t length;
    bool open;
};

struct program {
    uv_loop_t loop;
    uv_process_t process;
    uv_timer_t time_limit;
    uv_pipe_t input;
    struct program_stream out;
    struct program_stream err;
    bool ended;
    bool timed_out;
    int status;
    int signal;
};

/* Starts `rota` with these arguments, the last of which is NULL. Its standard input is open until
 * program_close_input. Freed by program_close. If the program cannot be started, the test fails. */
struct program *program_start(const char *const *words);

#define PROGRAM_START(...) program_start((const char *const[]){__VA_ARGS__, NULL})

/* Runs the program to its end with this input, which may be empty. Returns the exit status, or 256
 * plus the number of the signal that ended it. */
int program_run(struct program **p, const char *input, size_t length, const char *const *words);

#define PROGRAM_RUN(p, input, ...)                                                                 \
    program_run((p), (input), strlen(input), (const char *const[]){__VA_ARGS__, NULL})

/* Write to its standard input, and close it. */
void program_write(struct program *p, const char *data, size_t length);
void program_close_input(struct program *p);

/* Waits until a stream holds this text. The test fails if it does not in time. */
void program_await(struct program *p, const struct program_stream *stream, const char *text);

/* Waits for its end. Returns the exit status, or 256 plus the number of the signal that ended it.
 */
int program_end(struct program *p);

/* Kills the program if it runs, and frees everything. */
void program_close(struct program *p);

/* Makes a new file with this content and writes its path into `path`. */
void program_file(char path[64], const char *data, size_t length);

/* Waits until a file holds a number and returns it. The test fails if it does not in time. */
int program_await_number(struct program *p, const char *path);

/* Waits until no process has that id. */
void program_await_death(struct program *p, int pid);

#endif
