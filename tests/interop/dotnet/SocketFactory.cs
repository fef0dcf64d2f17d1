#if CORE_ONLY
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;

/// <summary>A WebSocket without negotiation, for the client that brings no transport of its own.</summary>
internal sealed class SocketFactory(string? accessToken) : IConnectionFactory
{
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        if (accessToken is not null) socket.Options.SetRequestHeader("Authorization", $"Bearer {accessToken}");
        var address = new UriBuilder(((UriEndPoint)endPoint).Uri);
        address.Scheme = address.Scheme == "https" ? "wss" : "ws";
        await socket.ConnectAsync(address.Uri, cancellationToken);
        var (toServer, toClient) = (new Pipe(), new Pipe());
        _ = Task.WhenAll(Send(socket, toServer.Reader), Receive(socket, toClient.Writer)).ContinueWith(_ => socket.Dispose());
        return new DefaultConnectionContext(Guid.NewGuid().ToString(), new Duplex(toClient.Reader, toServer.Writer), new Duplex(toServer.Reader, toClient.Writer));
    }

    private static async Task Send(ClientWebSocket socket, PipeReader from)
    {
        for (; ; )
        {
            var read = await from.ReadAsync();
            if (!read.Buffer.IsEmpty && socket.State == WebSocketState.Open)
            {
                foreach (var part in read.Buffer) await socket.SendAsync(part, WebSocketMessageType.Text, false, default);
                await socket.SendAsync(ReadOnlyMemory<byte>.Empty, WebSocketMessageType.Text, true, default);
            }
            from.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
        }
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
    }

    private static async Task Receive(ClientWebSocket socket, PipeWriter to)
    {
        Exception? error = null;
        try
        {
            for (; ; )
            {
                var received = await socket.ReceiveAsync(to.GetMemory(), default);
                if (received.MessageType == WebSocketMessageType.Close) break;
                to.Advance(received.Count);
                if ((await to.FlushAsync()).IsCompleted) break;
            }
        }
        catch (WebSocketException lost) { error = lost; }
        await to.CompleteAsync(error);
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;
        public PipeWriter Output => output;
    }
}
#endif
