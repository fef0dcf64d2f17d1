#include <saker/signalr/convert.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace saker::signalr::detail {

void throw_conversion_error(const std::type_info& type, const std::string& why) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  throw hub_error("Error trying to deserialize result to " +
                  std::string(name ? name.get() : type.name()) + ". " + why);
}

}  // namespace saker::signalr::detail
