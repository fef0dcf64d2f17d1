#include <utility>

#include "signalr/hub_protocol.hpp"
#include "signalr/json_reader.hpp"
#include "signalr/json_text.hpp"

namespace saker::signalr {
namespace {

constexpr char record_separator = 0x1e;

[[noreturn]] void refuse_type(std::string_view name, std::string_view wanted) {
  throw protocol_error("Expected '" + std::string(name) + "' to be of type " + std::string(wanted) +
                       ".");
}

[[noreturn]] void refuse_missing(std::string_view name) {
  throw protocol_error("Missing required property '" + std::string(name) + "'.");
}

std::string take_string(json& value, std::string_view name) {
  if (!value.is_string()) refuse_type(name, "String");
  return std::move(value.get_ref<std::string&>());
}

std::int64_t take_integer(const json& value, std::string_view name) {
  if (!value.is_number_integer()) refuse_type(name, "Number");
  return value.get<std::int64_t>();
}

bool take_boolean(const json& value, std::string_view name) {
  if (!value.is_boolean()) {
    throw protocol_error("Expected '" + std::string(name) + "' to be true or false.");
  }
  return value.get<bool>();
}

std::vector<std::string> take_stream_ids(json& value) {
  if (!value.is_array()) refuse_type("streamIds", "Array");
  std::vector<std::string> ids;
  for (auto& each : value) {
    if (!each.is_string()) throw protocol_error("Null value for 'streamIds' is not valid.");
    ids.push_back(std::move(each.get_ref<std::string&>()));
  }
  return ids;
}

std::map<std::string, std::string> take_headers(json& value) {
  if (!value.is_object()) refuse_type("headers", "Object");
  std::map<std::string, std::string> headers;
  for (auto& [name, each] : value.items()) {
    if (!each.is_string()) {
      throw protocol_error("Expected header '" + name + "' to be of type String.");
    }
    headers.emplace(name, std::move(each.get_ref<std::string&>()));
  }
  return headers;
}

/// What was there, to tell what is missing.
struct seen {
  bool type = false;
  bool arguments = false;
  bool item = false;
  bool result = false;
  bool sequence_id = false;
};

void take_property(std::string_view name, json& value, hub_message& message, seen& found,
                   std::int64_t& type) {
  if (name == "type") {
    type = take_integer(value, name);
    found.type = true;
  } else if (name == "invocationId") {
    message.invocation_id = take_string(value, name);
  } else if (name == "target") {
    message.target = take_string(value, name);
  } else if (name == "arguments") {
    if (!value.is_array()) refuse_type(name, "Array");
    message.value = std::move(value);
    found.arguments = true;
  } else if (name == "streamIds") {
    message.stream_ids = take_stream_ids(value);
  } else if (name == "item") {
    if (!found.arguments && !found.result) message.value = std::move(value);
    found.item = true;
  } else if (name == "result") {
    if (!found.arguments && !found.item) message.value = std::move(value);
    found.result = true;
  } else if (name == "error") {
    message.error = take_string(value, name);
  } else if (name == "allowReconnect") {
    message.allow_reconnect = take_boolean(value, name);
  } else if (name == "sequenceId") {
    message.sequence_id = take_integer(value, name);
    found.sequence_id = true;
  } else if (name == "headers") {
    message.headers = take_headers(value);
  }
}

void require_parts(hub_message& message, const seen& found) {
  const auto require_id = [&] {
    if (message.invocation_id.empty()) refuse_missing("invocationId");
  };
  switch (message.type) {
    case message_type::stream_invocation: require_id(); [[fallthrough]];
    case message_type::invocation:
      if (message.target.empty()) refuse_missing("target");
      if (!found.arguments) refuse_missing("arguments");
      break;
    case message_type::stream_item:
      require_id();
      if (!found.item) refuse_missing("item");
      break;
    case message_type::completion:
      require_id();
      if (message.error && found.result) {
        throw protocol_error("The 'error' and 'result' properties are mutually exclusive.");
      }
      message.has_result = found.result;
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

class json_hub_protocol final : public hub_protocol {
 public:
  std::string_view name() const noexcept override { return "json"; }
  transfer_format format() const noexcept override { return transfer_format::text; }

  std::optional<frame> next_frame(std::string_view data,
                                  std::size_t looked_through) const override {
    const auto end = data.find(record_separator, looked_through);
    if (end == std::string_view::npos) return std::nullopt;
    return frame{data.substr(0, end), end + 1};
  }

  std::optional<hub_message> parse(std::string_view payload) const override {
    hub_message message;
    seen found;
    std::int64_t type = 0;
    const auto was = read_json_object(payload, [&](std::string_view name, json& value) {
      take_property(name, value, message, found, type);
    });
    if (was == json_text::malformed) throw protocol_error("Error reading JSON.");
    if (was == json_text::no_object) {
      throw protocol_error("Unexpected JSON Token Type. Expected a JSON Object.");
    }
    if (!found.type) refuse_missing("type");
    if (type < 1 || type > 9) return std::nullopt;
    message.type = static_cast<message_type>(type);
    require_parts(message, found);
    forget_unused(message);
    return message;
  }

  void write(const hub_message& message, std::string& out) const override {
    out += "{\"type\":";
    out += static_cast<char>('0' + static_cast<int>(message.type));
    write_parts(message, out);
    out += '}';
    out += record_separator;
  }

 private:
  static void write_parts(const hub_message& message, std::string& out) {
    if (!message.headers.empty()) {
      out += ",\"headers\":";
      append_json(out, json(message.headers));
    }
    if (!message.invocation_id.empty()) {
      out += ",\"invocationId\":";
      append_json_string(out, message.invocation_id);
    }
    switch (message.type) {
      case message_type::invocation:
      case message_type::stream_invocation: write_call(message, out); break;
      case message_type::stream_item:
        out += ",\"item\":";
        append_json(out, message.value);
        break;
      case message_type::completion:
        if (message.error && !message.error->empty()) {
          write_error(message, out);
        } else if (message.has_result) {
          out += ",\"result\":";
          append_json(out, message.value);
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

  static void write_call(const hub_message& message, std::string& out) {
    out += ",\"target\":";
    append_json_string(out, message.target);
    out += ",\"arguments\":";
    append_json(out, message.value);
    if (message.stream_ids.empty()) return;
    out += ",\"streamIds\":";
    append_json(out, json(message.stream_ids));
  }

  static void write_error(const hub_message& message, std::string& out) {
    out += ",\"error\":";
    append_json_string(out, *message.error);
  }
};

}  // namespace

const hub_protocol& json_protocol() noexcept {
  static const json_hub_protocol instance;
  return instance;
}

}  // namespace saker::signalr
