# `cmake --install` and `find_package(saker)`.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

install(TARGETS saker saker_signalr saker_authentication EXPORT saker-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/saker DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT saker-targets NAMESPACE saker:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/saker)

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/saker-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/saker-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/saker)
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/saker-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/saker-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/saker-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/saker)
