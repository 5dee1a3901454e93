# Runs all scenarios under the seeds 2 to SEEDS. All must hold.
foreach(seed RANGE 2 ${SEEDS})
  execute_process(COMMAND ${ROTA} sim run ${SCENARIOS} --seed ${seed}
                  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "seed ${seed} ended with status ${status}\n${errors}${output}")
  endif()
endforeach()
