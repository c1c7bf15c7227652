# libcix and cix.
file(GLOB libcix_sources CONFIGURE_DEPENDS client/*.c)
if(libcix_sources)
    add_library(libcix STATIC ${libcix_sources})
    set_target_properties(libcix PROPERTIES OUTPUT_NAME cix)
    target_include_directories(libcix PUBLIC client core)
    target_link_libraries(libcix PUBLIC domain base proto PkgConfig::grpc PkgConfig::jansson
        PRIVATE warnings)
endif()
file(GLOB cix_sources CONFIGURE_DEPENDS client/cli/*.c)
if(cix_sources)
    add_executable(cix ${cix_sources})
    target_include_directories(cix PRIVATE client core)
    target_link_libraries(cix PRIVATE libcix PkgConfig::smartcols PkgConfig::jansson PkgConfig::zlib
        warnings)
endif()
