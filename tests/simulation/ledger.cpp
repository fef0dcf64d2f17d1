#include "ledger.hpp"

#include <charconv>
#include <stdexcept>

namespace saker::simulation {
namespace {

char filling(char sender, std::size_t number, std::size_t at) {
  return static_cast<char>('A' + (static_cast<std::size_t>(sender) + number * 7 + at) % 26);
}

}  // namespace

std::string make_message(char sender, std::size_t number, std::size_t size) {
  std::string text(1, sender);
  text += std::to_string(number) + ':';
  const auto head = text.size();
  for (std::size_t i = 0; i < size; ++i) text += filling(sender, number, head + i);
  return text;
}

message_parts read_message(std::string_view text) {
  message_parts parts;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon < 2) throw std::runtime_error("it has no number");
  parts.sender = text.front();
  const auto* const end = text.data() + colon;
  if (std::from_chars(text.data() + 1, end, parts.number).ptr != end) {
    throw std::runtime_error("its number is none");
  }
  for (auto i = colon + 1; i < text.size(); ++i) {
    if (text[i] != filling(parts.sender, parts.number, i)) {
      throw std::runtime_error("byte " + std::to_string(i) + " is another one");
    }
  }
  return parts;
}

std::string sequence::take(std::string_view text) {
  try {
    const auto parts = read_message(text);
    const auto expected = next(parts.sender);
    if (parts.number == expected) return {};
    return "message " + std::to_string(parts.number) + " of sender '" + parts.sender +
           "' came where " + std::to_string(expected) + " was due";
  } catch (const std::exception& error) {
    return "a message of " + std::to_string(text.size()) + " bytes: " + error.what();
  }
}

}  // namespace saker::simulation
