/** For a URL that is no page. */
import { Link } from 'wouter';
import { Empty } from '../components/Empty.js';
import { Frame } from '../components/Frame.js';
import { experimentsLink } from '../links.js';

export function NotFoundPage() {
  return (
    <Frame title="Not found" crumbs={[{ text: 'Experiments', href: experimentsLink }]}>
      <div className="page">
        <h1>Page not found</h1>
        <Empty title="There is no page at this address">
          <p>
            <Link href={experimentsLink}>Go to the experiments</Link>
          </p>
        </Empty>
      </div>
    </Frame>
  );
}
