#include "signalr/json_reader.hpp"

#include <simdjson.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "signalr/hub_protocol.hpp"

namespace saker::signalr {
namespace {

namespace dom = simdjson::dom;

json to_value(dom::element from) {
  switch (from.type()) {
    case dom::element_type::OBJECT: {
      json::object_t object;
      for (const auto [key, value] : dom::object(from)) {
        object.insert_or_assign(std::string(key), to_value(value));
      }
      return json(std::move(object));
    }
    case dom::element_type::ARRAY: {
      json::array_t array;
      array.reserve(dom::array(from).size());
      for (const auto value : dom::array(from)) array.push_back(to_value(value));
      return json(std::move(array));
    }
    case dom::element_type::STRING: return json(std::string_view(from));
    case dom::element_type::INT64: {
      // As nlohmann-json reads it: what is not negative is unsigned.
      const auto number = std::int64_t(from);
      return number < 0 ? json(number) : json(static_cast<std::uint64_t>(number));
    }
    case dom::element_type::UINT64: return json(std::uint64_t(from));
    case dom::element_type::DOUBLE: return json(double(from));
    case dom::element_type::BOOL: return json(bool(from));
    case dom::element_type::NULL_VALUE: break;
  }
  return json();
}

/// Brackets within strings do not nest.
bool nests_too_deeply(std::string_view text) noexcept {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > most_nesting) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

/// What simdjson has no type for (integers of more than 64 bits) it calls malformed: nlohmann-json
/// decides, slowly.
json_text read_slowly(std::string_view text,
                      const std::function<void(std::string_view, json&)>& show) {
  if (nests_too_deeply(text)) return json_text::malformed;
  auto value = json::parse(text.begin(), text.end(), nullptr, false);
  if (value.is_discarded()) return json_text::malformed;
  if (!value.is_object()) return json_text::no_object;
  for (auto& [name, each] : value.get_ref<json::object_t&>()) show(name, each);
  return json_text::object;
}

/// What parsing needs, kept by each thread as long as it is small.
class workspace {
 public:
  simdjson::error_code parse(std::string_view text, dom::element& root) {
    buffer_.assign(text);
    buffer_.resize(text.size() + simdjson::SIMDJSON_PADDING);
    if (parser_.capacity() < text.size()) {
      const auto wanted = std::max<std::size_t>(text.size(), kept);
      if (const auto error = parser_.allocate(wanted, most_nesting)) return error;
    }
    return parser_.parse(buffer_.data(), text.size(), false).get(root);
  }
  bool is_large() const noexcept { return parser_.capacity() > kept; }

 private:
  static constexpr std::size_t kept = 64 * 1024;

  std::string buffer_;
  dom::parser parser_;
};

}  // namespace

json_text read_json_object(std::string_view text,
                           const std::function<void(std::string_view, json&)>& show) {
  static thread_local std::unique_ptr<workspace> space;
  if (!space || space->is_large()) space = std::make_unique<workspace>();
  dom::element root;
  if (space->parse(text, root) != simdjson::SUCCESS) return read_slowly(text, show);
  if (!root.is_object()) return json_text::no_object;
  for (const auto [name, value] : dom::object(root)) {
    auto made = to_value(value);
    show(name, made);
  }
  return json_text::object;
}

}  // namespace saker::signalr
