#include "http/exchange/data_rate.hpp"

#include <string>

namespace saker::http {
namespace {

class rate_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "saker.http.rate"; }
  std::string message(int) const override {
    return "The client takes the response more slowly than min_response_data_rate allows.";
  }
  std::error_condition default_error_condition(int) const noexcept override {
    return std::make_error_condition(std::errc::timed_out);
  }
};

}  // namespace

std::error_code slow_client_error() noexcept {
  static const rate_category category;
  return {1, category};
}

}  // namespace saker::http
