#pragma once

#include <charconv>
#include <string_view>
#include <system_error>

#include <saker/binding/detail/parts.hpp>

namespace saker::binding {

using detail::refuse_value;

/// A key that is an integer, where it is written as text.
template <class Number>
Number number_of_key(std::string_view text, Number least, Number most) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    refuse_value("a key that is an integer and fits");
  }
  return number;
}

}  // namespace saker::binding
