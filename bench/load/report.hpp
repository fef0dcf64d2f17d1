#pragma once

#include <iomanip>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

namespace saker_load {

/// One JSON object on one line. Names and texts are the program's own: nothing to escape.
class report {
 public:
  template <class Value>
  report& add(std::string_view name, const Value& value) {
    begin(name);
    if constexpr (std::is_arithmetic_v<Value>) {
      out_ << std::fixed << std::setprecision(3) << value;
    } else {
      out_ << '"' << value << '"';
    }
    return *this;
  }

  report& add_json(std::string_view name, std::string_view json) {
    begin(name);
    out_ << json;
    return *this;
  }

  std::string json() const { return out_.str() + "}"; }

 private:
  void begin(std::string_view name) {
    out_ << (out_.tellp() == 0 ? '{' : ',') << '"' << name << "\":";
  }

  std::ostringstream out_;
};

}  // namespace saker_load
