#include <utility>

#include "signalr/hub_protocol.hpp"
#include "signalr/messagepack_shape.hpp"

namespace saker::signalr {
namespace {

constexpr int most_prefix_bytes = 5;

[[noreturn]] void refuse(const std::string& what) { throw protocol_error(what); }

template <class Value>
Value& part(Value& all, std::size_t place, const char* name) {
  if (place >= all.size()) refuse(std::string("Reading '") + name + "' failed.");
  return all[place];
}

std::string string_part(const json& all, std::size_t place, const char* name) {
  const auto& value = part(all, place, name);
  if (value.is_null()) return {};
  if (!value.is_string()) refuse(std::string("Reading '") + name + "' as String failed.");
  return value.get<std::string>();
}

std::string required_string(const json& all, std::size_t place, const char* name) {
  auto text = string_part(all, place, name);
  if (text.empty()) refuse(std::string("Null or empty ") + name + ".");
  return text;
}

std::int64_t integer_part(const json& all, std::size_t place, const char* name) {
  const auto& value = part(all, place, name);
  if (!value.is_number_integer()) refuse(std::string("Reading '") + name + "' as Int32 failed.");
  return value.get<std::int64_t>();
}

std::map<std::string, std::string> headers_of(const json& all) {
  const auto& value = part(all, 1, "headers");
  if (!value.is_object()) refuse("Reading map length for 'headers' failed.");
  std::map<std::string, std::string> headers;
  for (const auto& [name, each] : value.items()) {
    if (name.empty() || !each.is_string() || each.get_ref<const std::string&>().empty()) {
      refuse("Null or empty header.");
    }
    headers.emplace(name, each.get<std::string>());
  }
  return headers;
}

json take_arguments(json& all) {
  auto& arguments = part(all, 4, "arguments");
  if (!arguments.is_array()) refuse("Reading array length for 'arguments' failed.");
  return std::move(arguments);
}

std::vector<std::string> stream_ids_of(const json& all) {
  std::vector<std::string> ids;
  if (all.size() <= 5 || all[5].is_null()) return ids;
  if (!all[5].is_array()) refuse("Reading array length for 'streamIds' failed.");
  for (const auto& each : all[5]) {
    if (!each.is_string() || each.get_ref<const std::string&>().empty()) {
      refuse("Null or empty streamId.");
    }
    ids.push_back(each.get<std::string>());
  }
  return ids;
}

void parse_completion(json& all, hub_message& message) {
  switch (integer_part(all, 3, "resultKind")) {
    case 1: message.error = string_part(all, 4, "error"); break;
    case 2: break;
    case 3:
      message.value = std::move(part(all, 4, "result"));
      message.has_result = true;
      break;
    default: refuse("Invalid invocation result kind.");
  }
}

void parse_parts(json& all, hub_message& message) {
  switch (message.type) {
    case message_type::invocation:
    case message_type::stream_invocation:
      message.headers = headers_of(all);
      message.invocation_id = message.type == message_type::invocation
                                  ? string_part(all, 2, "invocationId")
                                  : required_string(all, 2, "invocationId");
      message.target = required_string(all, 3, "target");
      message.value = take_arguments(all);
      message.stream_ids = stream_ids_of(all);
      break;
    case message_type::stream_item:
      message.headers = headers_of(all);
      message.invocation_id = required_string(all, 2, "invocationId");
      message.value = std::move(part(all, 3, "item"));
      break;
    case message_type::completion:
      message.headers = headers_of(all);
      message.invocation_id = required_string(all, 2, "invocationId");
      parse_completion(all, message);
      break;
    case message_type::cancel_invocation:
      message.headers = headers_of(all);
      message.invocation_id = required_string(all, 2, "invocationId");
      break;
    case message_type::close:
      if (!part(all, 1, "error").is_null()) message.error = string_part(all, 1, "error");
      if (all.size() > 2) {
        if (!all[2].is_boolean()) refuse("Reading 'allowReconnect' as Boolean failed.");
        message.allow_reconnect = all[2].get<bool>();
      }
      break;
    case message_type::ack:
    case message_type::sequence: message.sequence_id = integer_part(all, 1, "sequenceId"); break;
    case message_type::ping: break;
  }
}

json optional_string(const std::string& text) { return text.empty() ? json() : json(text); }

json body_of(const hub_message& message) {
  json body = json::array({static_cast<int>(message.type)});
  const auto add_headers = [&] {
    body.push_back(message.headers.empty() ? json::object() : json(message.headers));
  };
  switch (message.type) {
    case message_type::invocation:
    case message_type::stream_invocation:
      add_headers();
      body.push_back(optional_string(message.invocation_id));
      body.push_back(message.target);
      body.push_back(message.value);
      body.push_back(message.stream_ids);
      break;
    case message_type::stream_item:
      add_headers();
      body.push_back(message.invocation_id);
      body.push_back(message.value);
      break;
    case message_type::completion:
      add_headers();
      body.push_back(message.invocation_id);
      body.push_back(message.error ? 1 : message.has_result ? 3 : 2);
      if (message.error) {
        body.push_back(*message.error);
      } else if (message.has_result) {
        body.push_back(message.value);
      }
      break;
    case message_type::cancel_invocation:
      add_headers();
      body.push_back(message.invocation_id);
      break;
    case message_type::close:
      body.push_back(optional_string(message.error.value_or(std::string())));
      body.push_back(message.allow_reconnect);
      break;
    case message_type::ack:
    case message_type::sequence: body.push_back(message.sequence_id); break;
    case message_type::ping: break;
  }
  return body;
}

class messagepack_hub_protocol final : public hub_protocol {
 public:
  std::string_view name() const noexcept override { return "messagepack"; }
  transfer_format format() const noexcept override { return transfer_format::binary; }

  std::optional<frame> next_frame(std::string_view data, std::size_t) const override {
    std::uint64_t size = 0;
    for (int i = 0; i < most_prefix_bytes; ++i) {
      if (static_cast<std::size_t>(i) == data.size()) return std::nullopt;
      const auto byte = static_cast<unsigned char>(data[static_cast<std::size_t>(i)]);
      if (i == most_prefix_bytes - 1 && byte > 7) break;
      size |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0) {
        const auto prefix = static_cast<std::size_t>(i) + 1;
        if (data.size() - prefix < size) return std::nullopt;
        return frame{data.substr(prefix, size), prefix + size};
      }
    }
    refuse("Messages over 2GB in size are not supported.");
  }

  std::optional<hub_message> parse(std::string_view payload) const override {
    if (!is_well_formed_messagepack(payload, most_nesting)) refuse("Reading the message failed.");
    auto all = json::from_msgpack(payload.begin(), payload.end(), false, false);
    if (!all.is_array()) refuse("Reading array length for 'elementCount' failed.");
    const auto type = integer_part(all, 0, "messageType");
    if (type < 1 || type > 9) return std::nullopt;
    hub_message message;
    message.type = static_cast<message_type>(type);
    parse_parts(all, message);
    return message;
  }

  void write(const hub_message& message, std::string& out) const override {
    std::string body;
    json::to_msgpack(body_of(message), body);
    auto size = body.size();
    for (; size > 0x7f; size >>= 7) out += static_cast<char>((size & 0x7f) | 0x80);
    out += static_cast<char>(size);
    out += body;
  }
};

}  // namespace

const hub_protocol& messagepack_protocol() noexcept {
  static const messagepack_hub_protocol instance;
  return instance;
}

}  // namespace saker::signalr
