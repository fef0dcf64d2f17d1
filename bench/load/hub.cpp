#include "hub.hpp"

#include "load_error.hpp"
#include "message.hpp"

namespace saker_load {

namespace {

/// Letters and digits, which no protocol writes otherwise.
std::string argument_of(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

std::string packed(std::string_view text) {
  std::string result;
  if (text.size() < 32) {
    result += static_cast<char>(0xa0 | text.size());
  } else if (text.size() < 256) {
    result += '\xd9';
    result += static_cast<char>(text.size());
  } else {
    result += '\xda';
    result += static_cast<char>(text.size() >> 8);
    result += static_cast<char>(text.size() & 0xff);
  }
  return result.append(text);
}

std::string with_length(const std::string& body) {
  std::string result;
  auto size = body.size();
  for (; size > 0x7f; size >>= 7) result += static_cast<char>((size & 0x7f) | 0x80);
  return (result += static_cast<char>(size)) + body;
}

std::string numbers() {
  std::string all = "[";
  for (int i = 0; i < 100; ++i) all += (i == 0 ? "" : ",") + std::to_string(i * 7919);
  return all + "]";
}

/// As JSON.
std::string value_of(const arguments& options) {
  switch (options.value) {
    case hub_value::text: break;
    case hub_value::structure:
      return R"({"id":4711,"symbol":"SAKR","account":"0f3c9a","buys":true,"quantity":250,)"
             R"("price":101.25,"limit":99.5,"note":"good till cancelled"})";
    case hub_value::numbers: return numbers();
  }
  return '"' + argument_of(options.size) + '"';
}

std::string method_of(const arguments& options) {
  switch (options.value) {
    case hub_value::text: break;
    case hub_value::structure: return "EchoStruct";
    case hub_value::numbers: return "EchoNumbers";
  }
  return "Echo";
}

hub_messages json_messages(const arguments& options) {
  const auto argument = value_of(options);
  const auto call = [&](const std::string& id, const std::string& method) {
    return "{\"type\":1," + id + "\"target\":\"" + method + "\",\"arguments\":[" + argument +
           "]}\x1e";
  };
  if (options.mode == mode::broadcast) return {call("", "Broadcast"), call("", "Receive")};
  return {call("\"invocationId\":\"1\",", method_of(options)),
          "{\"type\":3,\"invocationId\":\"1\",\"result\":" + argument + "}\x1e"};
}

hub_messages packed_messages(const arguments& options) {
  const auto argument = argument_of(options.size);
  const auto call = [&](const std::string& id, const std::string& method) {
    return with_length("\x96\x01\x80" + id + packed(method) + "\x91" + packed(argument) + "\x90");
  };
  if (options.mode == mode::broadcast) return {call("\xc0", "Broadcast"), call("\xc0", "Receive")};
  return {call(packed("1"), "Echo"), with_length("\x95\x03\x80\xa1"
                                                 "1\x03" +
                                                 packed(argument))};
}

}  // namespace

hub_messages make_hub_messages(const arguments& options) {
  const bool broadcasts = options.mode == mode::broadcast;
  auto made = options.hub == hub_protocol::json ? json_messages(options) : packed_messages(options);
  // A plain echo, or a plain broadcast, of the same bytes.
  if (options.bare && broadcasts) made.request = made.answer;
  if (options.bare && !broadcasts) made.answer = made.request;
  return made;
}

std::string hub_call(const arguments& options, const std::string& id, const std::string& method,
                     const std::vector<std::string>& values) {
  if (options.hub == hub_protocol::messagepack) {
    std::string body = "\x96\x01\x80" + (id.empty() ? "\xc0" : packed(id)) + packed(method);
    body += static_cast<char>(0x90 | values.size());
    for (const auto& each : values) body += packed(each);
    return masked_frame(opcode::binary, with_length(body + "\x90"));
  }
  std::string text = "{\"type\":1,";
  if (!id.empty()) text += "\"invocationId\":\"" + id + "\",";
  text += "\"target\":\"" + method + "\",\"arguments\":[";
  for (const auto& each : values) text += (&each == &values.front() ? "\"" : ",\"") + each + "\"";
  return masked_frame(opcode::text, text + "]}\x1e");
}

std::string hub_argument(const arguments& options) { return argument_of(options.size); }

std::string hub_handshake(hub_protocol protocol) {
  const std::string name = protocol == hub_protocol::json ? "json" : "messagepack";
  return masked_frame(opcode::text, "{\"protocol\":\"" + name + "\",\"version\":1}\x1e");
}

bool is_hub_ready(std::string_view answer) {
  constexpr std::size_t frame_size = 5;
  if (answer.size() < frame_size) return false;
  if (answer.substr(2) != "{}\x1e") throw load_error("the hub refused the handshake");
  return true;
}

}  // namespace saker_load
