/** Names of images as Docker reads them, and what a registry's host tells. */
import { expect, test } from 'vitest';
import { ecrRegistry, parseReference, pull, push, registryUrl } from '../../packager/index.js';
import { sampleImage } from './sample-image.js';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

test.each([
  ['alpine', 'docker.io', 'library/alpine', 'latest', undefined],
  ['alpine:3.20', 'docker.io', 'library/alpine', '3.20', undefined],
  ['docker.io/alpine', 'docker.io', 'library/alpine', 'latest', undefined],
  ['index.docker.io/library/alpine', 'docker.io', 'library/alpine', 'latest', undefined],
  ['team/app', 'docker.io', 'team/app', 'latest', undefined],
  ['localhost/app', 'localhost', 'app', 'latest', undefined],
  ['localhost:5000/app:v1', 'localhost:5000', 'app', 'v1', undefined],
  ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000', 'a/b/c', 'latest', undefined],
  ['[::1]:5000/app:v1', '[::1]:5000', 'app', 'v1', undefined],
  ['gcr.io/distroless/base-debian12:nonroot', 'gcr.io', 'distroless/base-debian12', 'nonroot', undefined],
  ['UPPER/app', 'UPPER', 'app', 'latest', undefined],
  [`example.com/app@${DIGEST}`, 'example.com', 'app', undefined, DIGEST],
  [`example.com/app:v1@${DIGEST}`, 'example.com', 'app', 'v1', DIGEST],
  ['app:5000', 'docker.io', 'library/app', '5000', undefined],
  ['a__b/c.d-e--f_g', 'docker.io', 'a__b/c.d-e--f_g', 'latest', undefined],
])('%s is understood', (text, registry, repository, tag, digest) => {
  expect(parseReference(text)).toEqual({ registry, repository, tag, digest });
});

test.each([
  ['', /'' is no name of an image/],
  ['https://example.com/app', /it has no scheme/],
  ['Team', /'Team' in its path: lower-case/],
  ['example.com/App', /'App' in its path/],
  ['example.com/app/', /'' in its path/],
  ['example.com//app', /'' in its path/],
  ['a..b', /'a..b' in its path/],
  ['a___b', /'a___b' in its path/],
  ['-app', /'-app' in its path/],
  ['app:', /the tag ''/],
  ['app:-x', /the tag '-x'/],
  [`app:${'x'.repeat(129)}`, /at most 128/],
  ['app:v1:v2', /the tag 'v1:v2'/],
  ['app@sha256:12', /the digest 'sha256:12'/],
  [`app@${DIGEST.toUpperCase()}`, /the digest/],
  ['example.com:port/app', /'example.com:port' is no host/],
  ['example.com:99999/app', /'example.com:99999' is no host/],
  ['-example.com/app', /'-example.com' is no host/],
  [`example.com/${'a'.repeat(250)}`, /longer than 255/],
  ['app\nx', /in its path/],
])('%j is refused', (text, message) => {
  expect(() => parseReference(text)).toThrow(message);
});

test.each([
  ['docker.io', 'https://registry-1.docker.io'],
  ['example.com:8443', 'https://example.com:8443'],
  ['localhost:5000', 'http://localhost:5000'],
  ['127.0.0.2', 'http://127.0.0.2'],
  ['[::1]:5000', 'http://[::1]:5000'],
  ['localhost.example.com', 'https://localhost.example.com'],
  ['127.0.0.1.example.com', 'https://127.0.0.1.example.com'],
])('%s answers at %s', (registry, url) => {
  expect(registryUrl(registry)).toBe(url);
});

test.each([
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'eu-west-1', 'aws'],
  ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'aws-cn'],
  ['123456789012.dkr.ecr.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'aws-us-gov'],
  ['123456789012.dkr.ecr-fips.us-gov-east-1.amazonaws.com', 'us-gov-east-1', 'aws-us-gov'],
  ['123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', 'aws-eusc'],
  ['123456789012.dkr-ecr.us-east-2.on.aws', 'us-east-2', 'aws'],
  ['123456789012.dkr-ecr-fips.us-east-2.on.aws', 'us-east-2', 'aws'],
  ['123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'cn-north-1', 'aws-cn'],
])('%s is ECR', (host, region, partition) => {
  expect(ecrRegistry(host)).toEqual({ account: '123456789012', region, partition });
});

test.each([
  'public.ecr.aws',
  'docker.io',
  '12345.dkr.ecr.eu-west-1.amazonaws.com',
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com',
  'x123456789012.dkr.ecr.eu-west-1.amazonaws.com',
])('%s is not ECR', (host) => {
  expect(ecrRegistry(host)).toBeUndefined();
});

const APP = parseReference('example.com/app:v1');

test.each([
  ['http://example.com', /plain http is for this machine only/],
  ['http://192.168.0.1:5000', /plain http is for this machine only/],
  ['ftp://example.com', /scheme:\/\/HOST or scheme:\/\/HOST:PORT was expected/],
  ['example.com', /scheme:\/\/HOST/],
  ['https://example.com/v2/', /scheme:\/\/HOST/],
  ['https://user:secret@example.com', /^(?!.*secret).*holds a user or password/],
])('the address %s of a registry is refused before anything is sent', async (url, message) => {
  await expect(push(sampleImage([1]), APP, { url })).rejects.toThrow(message);
  await expect(pull(APP, { url, platform: 'linux/amd64' })).rejects.toThrow(message);
});

test('an image is not pushed under a digest', async () => {
  const reference = parseReference(`example.com/app@${DIGEST}`);
  await expect(push(sampleImage([1]), reference)).rejects.toThrow(/pushed under a tag/);
});
