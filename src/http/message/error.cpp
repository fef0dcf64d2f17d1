#include <saker/http/message/error.hpp>

#include <stdexcept>

#include <saker/http/message/headers.hpp>

namespace saker {

namespace {

class category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "saker.http"; }
  std::string message(int status) const override {
    auto phrase = reason_phrase(status);
    return phrase.empty() ? "HTTP status " + std::to_string(status) : std::string(phrase);
  }
};

int require_error_status(int status) {
  if (status < 400 || status > 599) {
    throw std::invalid_argument("The status of an http_error must be from 400 to 599.");
  }
  return status;
}

}  // namespace

const std::error_category& http_category() noexcept {
  static const category instance;
  return instance;
}

http_error::http_error(int status, const std::string& message)
    : std::system_error(require_error_status(status), http_category()),
      message_(message.empty() ? http_category().message(status) : message) {}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 102: return "Processing";
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 208: return "Already Reported";
    case 226: return "IM Used";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 305: return "Use Proxy";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 506: return "Variant Also Negotiates";
    case 507: return "Insufficient Storage";
    case 508: return "Loop Detected";
    case 511: return "Network Authentication Required";
    default: return {};
  }
}

http_error& http_error::with_header(std::string_view name, std::string_view value) {
  headers().add(name, value);  // Refuses what a response would refuse.
  fields_.emplace_back(name, value);
  return *this;
}

}  // namespace saker
