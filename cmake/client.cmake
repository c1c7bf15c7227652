# libcix, the subcommands of cix as a library (tests link it) and cix.
file(GLOB libcix_sources CONFIGURE_DEPENDS client/*.c)
add_library(libcix STATIC ${libcix_sources})
set_target_properties(libcix PROPERTIES OUTPUT_NAME cix)
target_include_directories(libcix PUBLIC client core)
target_link_libraries(libcix PUBLIC wire domain base proto PkgConfig::grpc PkgConfig::jansson
    PRIVATE warnings)

file(GLOB cli_sources CONFIGURE_DEPENDS client/cli/*.c)
list(REMOVE_ITEM cli_sources ${CMAKE_SOURCE_DIR}/client/cli/main.c)
add_library(cli STATIC ${cli_sources})
target_link_libraries(cli PUBLIC libcix PkgConfig::smartcols PkgConfig::inih m
    PkgConfig::zlib PRIVATE warnings)
add_executable(cix client/cli/main.c)
target_link_libraries(cix PRIVATE cli warnings)
