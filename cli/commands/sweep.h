/* rota sim sweep: runs scenarios again with a fault at every step. A command within rota sim. */
#ifndef ROTA_CLI_COMMANDS_SWEEP_H
#define ROTA_CLI_COMMANDS_SWEEP_H

/* argv[0] is the full name, "rota sim sweep". Returns the exit status. */
int rota_sweep_main(int argc, char **argv);

#endif
