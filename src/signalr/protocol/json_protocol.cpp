#include <concepts>
#include <cstdint>
#include <limits>
#include <utility>

#include <saker/signalr/protocol/hub_protocol.hpp>

#include "binding/json_text.hpp"

namespace saker::signalr {
namespace {

using binding::json_reader;
using binding::value_kind;

constexpr char record_separator = 0x1e;

[[noreturn]] void refuse_type(std::string_view name, std::string_view wanted) {
  throw protocol_error("Expected '" + std::string(name) + "' to be of type " + std::string(wanted) +
                       ".");
}

[[noreturn]] void refuse_missing(std::string_view name) {
  throw protocol_error("Missing required property '" + std::string(name) + "'.");
}

void require_kind(json_reader& in, value_kind kind, std::string_view name,
                  std::string_view wanted) {
  if (in.peek() != kind) refuse_type(name, wanted);
}

std::string_view take_string(json_reader& in, std::string_view name) {
  require_kind(in, value_kind::string, name, "String");
  // What is no text breaks no frame: there is just no method of such a name.
  return in.repaired_string();
}

std::int64_t take_integer(json_reader& in, std::string_view name, std::int64_t least,
                          std::int64_t most) {
  require_kind(in, value_kind::number, name, "Number");
  try {
    return in.integer(least, most);
  } catch (const binding::malformed_error&) {
    throw;
  } catch (const binding::binding_error&) {
    refuse_type(name, "Number");
  }
}

template <std::signed_integral Integer>
Integer take_integer(json_reader& in, std::string_view name) {
  using limits = std::numeric_limits<Integer>;
  return static_cast<Integer>(take_integer(in, name, limits::min(), limits::max()));
}

bool take_boolean(json_reader& in, std::string_view name) {
  if (in.peek() != value_kind::boolean) {
    throw protocol_error("Expected '" + std::string(name) + "' to be true or false.");
  }
  return in.boolean();
}

std::vector<std::string> take_stream_ids(json_reader& in) {
  require_kind(in, value_kind::array, "streamIds", "Array");
  std::vector<std::string> ids;
  for (in.begin_array(); in.next_element();) {
    if (in.peek() != value_kind::string) {
      throw protocol_error("Null value for 'streamIds' is not valid.");
    }
    ids.emplace_back(in.repaired_string());
  }
  return ids;
}

std::map<std::string, std::string> take_headers(json_reader& in) {
  require_kind(in, value_kind::object, "headers", "Object");
  std::map<std::string, std::string> headers;
  for (in.begin_object(); in.next_member();) {
    std::string name(in.repaired_key());
    if (in.peek() != value_kind::string) {
      throw protocol_error("Expected header '" + name + "' to be of type String.");
    }
    headers.insert_or_assign(std::move(name), in.repaired_string());
  }
  return headers;
}

/// A value as it stands there.
struct part {
  std::string_view bytes;
  std::size_t values = 0;
};

part take_value(json_reader& in) {
  const auto bytes = in.skip();
  return {bytes, in.skipped_values()};
}

/// What was there: which of the values is the message's depends on its type, which may come last.
struct seen_properties {
  bool type = false;
  bool target = false;
  bool sequence_id = false;
  std::optional<part> arguments;
  std::optional<part> item;
  std::optional<part> result;
};

enum class property : std::uint8_t {
  type,
  invocation_id,
  target,
  arguments,
  stream_ids,
  item,
  result,
  error,
  allow_reconnect,
  sequence_id,
  headers,
  unknown
};

property property_of(std::string_view name) noexcept {
  const auto is = [&](std::string_view wanted, property which) {
    return name == wanted ? which : property::unknown;
  };
  switch (name.size()) {
    case 4: return name[0] == 't' ? is("type", property::type) : is("item", property::item);
    case 5: return is("error", property::error);
    case 6: return name[0] == 't' ? is("target", property::target) : is("result", property::result);
    case 7: return is("headers", property::headers);
    case 9:
      return name[0] == 'a' ? is("arguments", property::arguments)
                            : is("streamIds", property::stream_ids);
    case 10: return is("sequenceId", property::sequence_id);
    case 12: return is("invocationId", property::invocation_id);
    case 14: return is("allowReconnect", property::allow_reconnect);
    default: return property::unknown;
  }
}

void take_property(std::string_view name, json_reader& in, hub_message& message,
                   seen_properties& found, std::int32_t& type) {
  switch (property_of(name)) {
    case property::type:
      type = take_integer<std::int32_t>(in, name);
      found.type = true;
      break;
    case property::invocation_id: message.invocation_id = take_string(in, name); break;
    case property::target:
      message.target = take_string(in, name);
      found.target = true;
      break;
    case property::arguments:
      require_kind(in, value_kind::array, name, "Array");
      found.arguments = take_value(in);
      break;
    case property::stream_ids: message.stream_ids = take_stream_ids(in); break;
    case property::item: found.item = take_value(in); break;
    case property::result: found.result = take_value(in); break;
    case property::error: message.error = take_string(in, name); break;
    case property::allow_reconnect: message.allow_reconnect = take_boolean(in, name); break;
    case property::sequence_id:
      message.sequence_id = take_integer<std::int64_t>(in, name);
      found.sequence_id = true;
      break;
    case property::headers: message.headers = take_headers(in); break;
    case property::unknown: in.skip(); break;
  }
}

void put(const part& value, hub_message& message) {
  message.value = value.bytes;
  message.value_count = value.values;
}

void require_parts(hub_message& message, const seen_properties& found) {
  const auto require_id = [&] {
    if (message.invocation_id.empty()) refuse_missing("invocationId");
  };
  const auto require_value = [&](const std::optional<part>& value, std::string_view name) {
    if (!value) refuse_missing(name);
    put(*value, message);
  };
  switch (message.type) {
    case message_type::stream_invocation: require_id(); [[fallthrough]];
    case message_type::invocation:
      if (!found.target) refuse_missing("target");
      require_value(found.arguments, "arguments");
      break;
    case message_type::stream_item:
      require_id();
      require_value(found.item, "item");
      break;
    case message_type::completion:
      require_id();
      if (message.error && found.result) {
        throw protocol_error("The 'error' and 'result' properties are mutually exclusive.");
      }
      message.has_result = found.result.has_value();
      if (found.result) put(*found.result, message);
      break;
    case message_type::cancel_invocation: require_id(); break;
    case message_type::ack:
    case message_type::sequence:
      if (!found.sequence_id) refuse_missing("sequenceId");
      break;
    case message_type::ping:
    case message_type::close: break;
  }
}

/// A client may send properties that its message has no use for.
void forget_unused(hub_message& message) {
  if (message.type == message_type::invocation || message.type == message_type::stream_invocation) {
    return;
  }
  message.target.clear();
  message.stream_ids.clear();
  if (!message.is_counted()) message.invocation_id.clear();
}

bool read(json_reader& in, hub_message& message) {
  if (in.peek() != value_kind::object) {
    in.skip();
    if (!in.at_end()) throw binding::malformed_error("Something stands behind the value.");
    throw protocol_error("Unexpected JSON Token Type. Expected a JSON Object.");
  }
  seen_properties found;
  std::int32_t type = 0;
  for (in.begin_object(); in.next_member();) {
    const auto name = in.repaired_key();
    take_property(name, in, message, found, type);
  }
  if (!in.at_end()) throw binding::malformed_error("Something stands behind the value.");
  if (!found.type) refuse_missing("type");
  if (type < 1 || type > 9) return false;
  message.type = static_cast<message_type>(type);
  require_parts(message, found);
  forget_unused(message);
  return true;
}

void write_call(const hub_message& message, std::string& out) {
  out += ",\"target\":";
  binding::append_json_string(out, message.target);
  out += ",\"arguments\":";
  out += message.value;
  if (message.stream_ids.empty()) return;
  out += ",\"streamIds\":";
  binding::write_to(out, message.stream_ids, {});
}

void write_error(const hub_message& message, std::string& out) {
  out += ",\"error\":";
  binding::append_json_string(out, *message.error);
}

void write_parts(const hub_message& message, std::string& out) {
  if (!message.headers.empty()) {
    out += ",\"headers\":";
    binding::write_to(out, message.headers, {});
  }
  if (!message.invocation_id.empty()) {
    out += ",\"invocationId\":";
    binding::append_json_string(out, message.invocation_id);
  }
  switch (message.type) {
    case message_type::invocation:
    case message_type::stream_invocation: write_call(message, out); break;
    case message_type::stream_item:
      out += ",\"item\":";
      out += message.value;
      break;
    case message_type::completion:
      if (message.error && !message.error->empty()) {
        write_error(message, out);
      } else if (message.has_result) {
        out += ",\"result\":";
        out += message.value;
      }
      break;
    case message_type::close:
      if (message.error && !message.error->empty()) write_error(message, out);
      if (message.allow_reconnect) out += ",\"allowReconnect\":true";
      break;
    case message_type::ack:
    case message_type::sequence:
      out += ",\"sequenceId\":";
      out += std::to_string(message.sequence_id);
      break;
    case message_type::cancel_invocation:
    case message_type::ping: break;
  }
}

class json_hub_protocol final : public hub_protocol {
 public:
  std::string_view name() const noexcept override { return "json"; }
  transfer_format format() const noexcept override { return transfer_format::text; }
  binding::value_format values() const noexcept override { return binding::value_format::json; }

  std::optional<frame> next_frame(std::string_view data,
                                  std::size_t looked_through) const override {
    const auto end = data.find(record_separator, looked_through);
    if (end == std::string_view::npos) return std::nullopt;
    return frame{data.substr(0, end), end + 1};
  }

  std::optional<hub_message> parse(std::string_view payload) const override {
    std::optional<hub_message> message(std::in_place);
    try {
      json_reader in(payload);
      if (!read(in, *message)) message.reset();
      return message;
    } catch (const binding::binding_error&) {
      throw protocol_error("Error reading JSON.");
    }
  }

  void write(const hub_message& message, std::string& out) const override {
    out += "{\"type\":";
    out += static_cast<char>('0' + static_cast<int>(message.type));
    write_parts(message, out);
    out += '}';
    out += record_separator;
  }
};

}  // namespace

const hub_protocol& json_protocol() noexcept {
  static const json_hub_protocol instance;
  return instance;
}

}  // namespace saker::signalr
